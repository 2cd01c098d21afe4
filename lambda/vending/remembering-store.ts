import { MEMORY_AGE, TABLE_REST } from './budgets';
import { StoreUnreachable } from './errors';
import { MemoryStore } from './memory-store';
import type { Claim, Clock, Failure, Mark, RecordStore, Token, VendingRecord, Written } from './types';

/**
 * The table as one environment sees it. It remembers what it read, and while the table cannot be used it goes on with
 * what it remembers, under the same conditions: an environment cut off mints for itself, once, and backs off by itself.
 */
export class RememberingStore implements RecordStore {
  private readonly memory = new MemoryStore();
  private readonly readAt = new Map<string, number>();
  private readonly changes = new Map<string, number>();
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
    return this.isCutOff() || (age >= 0 && age < MEMORY_AGE) ? this.memory.peek(credential) : undefined;
  }

  /** The remembered record, however old. */
  recallAny(credential: string): VendingRecord | undefined {
    return this.memory.peek(credential);
  }

  async read(credential: string): Promise<VendingRecord | undefined> {
    const before = this.changes.get(credential);
    return this.atTable(
      credential,
      async () => {
        const record = await this.table.read(credential);
        // A slow read may return after something newer was learnt: it must not undo that.
        if (this.changes.get(credential) === before) {
          this.remember(credential, record);
        }
        return record;
      },
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
        const written = await operation(this.table);
        this.remember(credential, written.record);
        return written;
      },
      () => operation(this.memory),
    );
  }

  private remember(credential: string, record: VendingRecord | undefined): void {
    // Another's lease is of no use here: who needs it asks the table, and who is cut off must not wait for it.
    const { lease: _another, ...kept } = record ?? {};
    this.memory.put(credential, record && kept);
    this.readAt.set(credential, this.clock.now());
    this.changes.set(credential, (this.changes.get(credential) ?? 0) + 1);
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
