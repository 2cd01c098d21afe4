import { MemoryStore } from '../record/memory-store';
import { StoreUnreachable, unlessThrottled } from '../record/store-errors';
import type { Failure, LeaseClaim, Mark, RecordStore, Token, VendingRecord, Written } from '../record/types';
import { believable } from './believable';
import { MEMORY_AGE, TABLE_REST } from './budgets';
import type { Clock } from './types';

/** The table with the memory of one environment. While the table cannot be used, the environment works on its memory with the same conditions: it
 * mints for itself, once, and backs off by itself.
 */
export class RememberingStore implements RecordStore {
  private readonly memory = new MemoryStore();
  /** When the read of the remembered record was sent, epoch milliseconds. */
  private readonly askedAt = new Map<string, number>();
  /** The lease that this environment took last. */
  private readonly ownLease = new Map<string, string>();
  private restUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly table: RecordStore,
    private readonly clock: Clock,
    /** Called with the error's name each time that the environment stops using the table for a while. */
    private readonly onUnreachable: (credential: string, reason: string) => void,
  ) {}

  /** The remembered record, if it is young enough to answer with; at any age while the table is not used. */
  recall(credential: string): VendingRecord | undefined {
    const isYoung = this.isFresh(this.askedAt.get(credential) ?? Number.NEGATIVE_INFINITY);
    return isYoung || this.isCutOff() ? this.recallAny(credential) : undefined;
  }

  /** The remembered record, however old. */
  recallAny(credential: string): VendingRecord | undefined {
    return this.memory.peek(credential);
  }

  read(credential: string): Promise<VendingRecord | undefined> {
    return this.atTable(
      credential,
      () => this.readTable(credential),
      () => this.memory.read(credential),
    );
  }

  acquire(credential: string, claim: LeaseClaim): Promise<Written> {
    this.ownLease.set(credential, claim.lease.id);
    return this.write(credential, (store) => store.acquire(credential, claim));
  }

  publish(credential: string, leaseId: string, token: Token): Promise<Written> {
    return this.write(credential, (store) => store.publish(credential, leaseId, token));
  }

  create(credential: string, token: Token): Promise<Written> {
    return this.write(credential, (store) => store.create(credential, token));
  }

  release(credential: string, leaseId: string, failure?: Failure): Promise<Written> {
    return this.write(credential, (store) => store.release(credential, leaseId, failure));
  }

  mark(credential: string, tokenId: string, mark: Mark): Promise<Written> {
    return this.write(credential, (store) => store.mark(credential, tokenId, mark));
  }

  /** Whether the environment does not use the table now, after a failure. */
  isCutOff(): boolean {
    const rest = this.restUntil - this.clock.now();
    return rest > 0 && rest <= TABLE_REST;
  }

  private write(credential: string, operation: (store: RecordStore) => Promise<Written>): Promise<Written> {
    return this.atTable(
      credential,
      async () => {
        const askedAt = this.clock.now();
        const written = await operation(this.table);
        const record = this.learn(credential, written.record, askedAt);
        return { ...written, record: this.isFresh(askedAt) ? record : await this.readAgain(credential, record) };
      },
      () => operation(this.memory),
    );
  }

  private async readTable(credential: string): Promise<VendingRecord | undefined> {
    for (;;) {
      const askedAt = this.clock.now();
      const record = this.learn(credential, await this.table.read(credential), askedAt);
      // This environment may have been frozen while the answer was on its way.
      if (this.isFresh(askedAt)) {
        return record;
      }
    }
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
      // Memory keeps no leases of other mints. A call that needs one reads the table; an environment without the table must not wait for it.
      // Memory does not keep `stored` either, so a decision on memory cannot take a lease at the table. The call reads the table first.
      const lease = record?.lease?.id === this.ownLease.get(credential) ? record?.lease : undefined;
      this.memory.put(credential, record && { ...record, lease, stored: undefined });
      this.askedAt.set(credential, askedAt);
    }
    return record;
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
