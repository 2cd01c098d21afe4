import { MEMORY_AGE, TABLE_REST } from './budgets';
import { StoreUnreachable } from './errors';
import { MemoryStore } from './memory-store';
import type { Claim, Clock, Failure, Mark, RecordStore, Token, VendingRecord, Written } from './types';

/** A question to the table: when it was asked (epoch milliseconds), and how much had been learnt until then. */
interface Asked {
  readonly at: number;
  readonly changes: number | undefined;
}

/**
 * The table as one environment sees it. It remembers what it read, and while the table cannot be used it goes on with
 * what it remembers, under the same conditions: an environment cut off mints for itself, once, and backs off by itself.
 */
export class RememberingStore implements RecordStore {
  private readonly memory = new MemoryStore();
  private readonly readAt = new Map<string, number>();
  private readonly changes = new Map<string, number>();
  /** The very strings that are known to be rejected, by whichever mint they come; at most one for each 30 s. */
  private readonly rejected = new Set<string>();
  private restUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly table: RecordStore,
    private readonly clock: Clock,
    /** Told each time that the table is given up for a while, with the error's name. */
    private readonly onUnreachable: (credential: string, reason: string) => void,
  ) {}

  /** The remembered record, if it is young enough to answer with; at any age while the table is left alone. */
  recall(credential: string): VendingRecord | undefined {
    const age = this.clock.now() - (this.readAt.get(credential) ?? Number.NEGATIVE_INFINITY);
    // A negative age is a clock that was set back: what was read cannot be dated any more.
    return this.isCutOff() || (age >= 0 && age < MEMORY_AGE) ? this.recallAny(credential) : undefined;
  }

  /** The remembered record, however old. */
  recallAny(credential: string): VendingRecord | undefined {
    return this.memory.peek(credential);
  }

  /** Whether this environment knows that Fiskil refuses this very string. */
  isRejected(token: string): boolean {
    return this.rejected.has(token);
  }

  async read(credential: string): Promise<VendingRecord | undefined> {
    return this.atTable(
      credential,
      () => this.readTable(credential),
      () => this.memory.read(credential),
    );
  }

  acquire(credential: string, claim: Claim): Promise<Written> {
    return this.write(credential, (store) => store.acquire(credential, claim));
  }

  publish(credential: string, leaseId: string, token: Token): Promise<Written> {
    return this.write(credential, (store) => {
      const remembered = this.memory.peek(credential);
      // Late is late also in memory: what this environment minted since is newer.
      if (store === this.memory && !(remembered?.token && remembered.token.issuedAt > token.issuedAt)) {
        this.adopt(credential, leaseId);
      }
      return store.publish(credential, leaseId, token);
    });
  }

  release(credential: string, leaseId: string, failure?: Failure): Promise<Written> {
    return this.write(credential, (store) => {
      if (store === this.memory && !this.memory.peek(credential)?.lease) {
        this.adopt(credential, leaseId);
      }
      return store.release(credential, leaseId, failure);
    });
  }

  mark(credential: string, tokenId: string, mark: Mark): Promise<Written> {
    return this.write(credential, (store) => store.mark(credential, tokenId, mark));
  }

  private write(credential: string, operation: (store: RecordStore) => Promise<Written>): Promise<Written> {
    return this.atTable(
      credential,
      async () => {
        const asked = this.ask(credential);
        const written = await operation(this.table);
        const record = this.corrected(written.record);
        return {
          ...written,
          record: this.learn(credential, record, asked) ? record : await this.readTable(credential),
        };
      },
      async () => {
        const written = await operation(this.memory);
        this.noteRejected(credential, written.record);
        return written;
      },
    );
  }

  private async readTable(credential: string): Promise<VendingRecord | undefined> {
    for (;;) {
      const asked = this.ask(credential);
      const record = this.corrected(await this.table.read(credential));
      if (this.learn(credential, record, asked)) {
        return record;
      }
    }
  }

  private ask(credential: string): Asked {
    return { at: this.clock.now(), changes: this.changes.get(credential) };
  }

  /** Remembers what the table answered, unless it cannot be relied on any more. */
  private learn(credential: string, record: VendingRecord | undefined, asked: Asked): boolean {
    // Once rejected is always rejected, also where the rest of the answer is older than what is known.
    this.noteRejected(credential, record);
    const age = this.clock.now() - asked.at;
    // This environment was frozen while the answer was on its way.
    const isOld = age < 0 || age >= MEMORY_AGE;
    // Something else was learnt since the question, and only the table can tell which of the two is newer.
    const isDoubtful =
      this.changes.get(credential) !== asked.changes && record?.token?.id !== this.memory.peek(credential)?.token?.id;
    if (isOld || isDoubtful) {
      return false;
    }
    // Another's lease is of no use here: who needs it asks the table, and who is cut off must not wait for it.
    const { lease: _another, ...kept } = record ?? {};
    this.memory.put(credential, record && kept);
    this.readAt.set(credential, asked.at);
    this.changes.set(credential, (this.changes.get(credential) ?? 0) + 1);
    return true;
  }

  private noteRejected(credential: string, record: VendingRecord | undefined): void {
    if (record?.token?.rejected) {
      this.rejected.add(record.token.value);
      this.memory.put(credential, this.corrected(this.memory.peek(credential)));
    }
  }

  /** The record with what this environment knows better: a token that was rejected while the table could not be told. */
  private corrected(record: VendingRecord | undefined): VendingRecord | undefined {
    return record?.token && this.isRejected(record.token.value)
      ? { ...record, token: { ...record.token, rejected: true } }
      : record;
  }

  /** A lease that was taken at the table, which is gone since: what came of the mint is still good for this environment. */
  private adopt(credential: string, leaseId: string): void {
    const record = this.memory.peek(credential);
    this.memory.put(credential, { ...record, lease: { id: leaseId, until: this.clock.now() } });
  }

  /** Whether the table is being left alone after a failure. */
  isCutOff(): boolean {
    const rest = this.restUntil - this.clock.now();
    return rest > 0 && rest <= TABLE_REST;
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
