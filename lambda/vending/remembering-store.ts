import { MemoryStore } from '../record/memory-store';
import { StoreUnreachable, unlessThrottled } from '../record/store-errors';
import type { Failure, Lease, LeaseClaim, Mark, RecordStore, Token, VendingRecord, Written } from '../record/types';
import { believable } from './believable';
import { MEMORY_AGE, TABLE_REST } from './budgets';
import type { Clock } from './types';

type Operation = (store: RecordStore) => Promise<Written>;

/**
 * The table with the memory of one environment. While the table cannot be used, the environment works on its memory with
 * the same conditions: it mints for itself, once, and backs off by itself.
 */
export class RememberingStore implements RecordStore {
  private readonly memory = new MemoryStore();
  /** When the read of the remembered record was sent, epoch milliseconds. */
  private readonly askedAt = new Map<string, number>();
  /** Where this environment took each lease that it holds: the table or, without it, memory. */
  private readonly held = new Map<string, RecordStore>();
  private restUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly table: RecordStore,
    private readonly clock: Clock,
    /** Called with the error's name each time that the environment stops using the table for a while. */
    private readonly onUnreachable: (credential: string, reason: string) => void,
  ) {}

  /** The remembered record, if it is young enough to answer with. Its age does not count while the table is not used, or if `isAnyAge`. */
  recall(credential: string, isAnyAge = this.isCutOff()): VendingRecord | undefined {
    const isYoung = this.isFresh(this.askedAt.get(credential) ?? Number.NEGATIVE_INFINITY);
    return isAnyAge || isYoung ? believable(this.memory.peek(credential), this.clock.now()) : undefined;
  }

  read(credential: string): Promise<VendingRecord | undefined> {
    return this.atTable(
      credential,
      () => this.readTable(credential),
      async () => believable(await this.memory.read(credential), this.clock.now()),
    );
  }

  async acquire(credential: string, claim: LeaseClaim): Promise<Written> {
    const { id } = claim.lease;
    const answer = this.write(credential, (store) => {
      this.held.set(id, store);
      return store.acquire(credential, claim);
    });
    const written = await answer.catch(() => undefined);
    if (!written?.done) {
      this.held.delete(id);
    }
    return answer;
  }

  publish(credential: string, leaseId: string, token: Token): Promise<Written> {
    return this.endLease(credential, leaseId, (store) => store.publish(credential, leaseId, token));
  }

  create(credential: string, token: Token): Promise<Written> {
    return this.write(credential, (store) => store.create(credential, token));
  }

  release(credential: string, leaseId: string, failure?: Failure): Promise<Written> {
    return this.endLease(credential, leaseId, (store) => store.release(credential, leaseId, failure));
  }

  mark(credential: string, tokenId: string, mark: Mark): Promise<Written> {
    return this.write(credential, (store) => store.mark(credential, tokenId, mark));
  }

  /** Whether the environment does not use the table now, after a failure. */
  isCutOff(): boolean {
    const rest = this.restUntil - this.clock.now();
    return rest > 0 && rest <= TABLE_REST;
  }

  /** The table does not know a lease that was taken in memory, so what came of that mint stays in memory. */
  private async endLease(credential: string, leaseId: string, operation: Operation): Promise<Written> {
    const isInMemory = this.held.get(leaseId) === this.memory;
    const written = await (isInMemory ? this.inMemory(operation) : this.write(credential, operation));
    this.held.delete(leaseId);
    return written;
  }

  private async inMemory(operation: Operation): Promise<Written> {
    const written = await operation(this.memory);
    return { ...written, record: believable(written.record, this.clock.now()) };
  }

  private write(credential: string, operation: Operation): Promise<Written> {
    return this.atTable(
      credential,
      async () => {
        const askedAt = this.clock.now();
        const written = await operation(this.table);
        const record = this.learn(credential, written.record, askedAt);
        return { ...written, record: this.isFresh(askedAt) ? record : await this.readAgain(credential, record) };
      },
      () => this.inMemory(operation),
    );
  }

  private async readTable(credential: string): Promise<VendingRecord | undefined> {
    for (;;) {
      const askedAt = this.clock.now();
      const record = this.learn(credential, await this.readAndCatchUp(credential), askedAt);
      // This environment may have been frozen while the answer was on its way.
      if (this.isFresh(askedAt)) {
        return record;
      }
    }
  }

  /** Reads the table. If the table failed when this environment published a token and the mint's lease is still there, publishes it now. */
  private async readAndCatchUp(credential: string): Promise<VendingRecord | undefined> {
    const record = await this.table.read(credential);
    const token = this.memory.peek(credential)?.token;
    const isUnpublished = token !== undefined && token.id === record?.lease?.id;
    return isUnpublished ? (await this.table.publish(credential, token.id, token)).record : record;
  }

  /** The record in the table now, if the table can be read; otherwise the record in the answer to the write. */
  private async readAgain(credential: string, record: VendingRecord | undefined): Promise<VendingRecord | undefined> {
    const read = await unlessThrottled(this.readTable(credential));
    return read ? read.answer : record;
  }

  /** Remembers the table's answer, unless memory has the answer to a later read. */
  private learn(credential: string, answer: VendingRecord | undefined, askedAt: number): VendingRecord | undefined {
    const now = this.clock.now();
    const record = believable(answer, now);
    const lastAskedAt = this.askedAt.get(credential) ?? Number.NEGATIVE_INFINITY;
    if (askedAt >= lastAskedAt || lastAskedAt > now) {
      // Memory keeps only this environment's own lease: without the table, nobody would see another's mint end.
      // Nor does it keep `stored`, so a decision on memory cannot take a lease at the table. The call reads the table first.
      const lease = this.ownLease(record) ?? this.ownLease(this.memory.peek(credential), this.memory);
      this.memory.put(credential, (record || lease) && { ...record, lease, stored: undefined });
      this.askedAt.set(credential, askedAt);
    }
    return record;
  }

  /** The record's lease, if this environment holds it and took it there. */
  private ownLease(record: VendingRecord | undefined, from: RecordStore = this.table): Lease | undefined {
    return record?.lease && this.held.get(record.lease.id) === from ? record.lease : undefined;
  }

  /** Whether an answer to a request of that instant is still fresh. It does not count as fresh if the clock was set back. */
  private isFresh(askedAt: number): boolean {
    const age = this.clock.now() - askedAt;
    return age >= 0 && age < MEMORY_AGE;
  }

  private async atTable<T>(credential: string, operation: () => Promise<T>, cutOff: () => Promise<T>): Promise<T> {
    if (this.isCutOff()) {
      return cutOff();
    }
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) {
        throw error;
      }
      if (!this.isCutOff()) {
        this.onUnreachable(credential, error.reason);
      }
      this.restUntil = this.clock.now() + TABLE_REST;
      return cutOff();
    }
  }
}
