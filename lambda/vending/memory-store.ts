import type { Claim, Failure, Mark, RecordStore, Token, VendingRecord, Written } from './types';

/** The record store in memory, with the very conditions of the table: for a laptop, and for an environment cut off from the table. */
export class MemoryStore implements RecordStore {
  private readonly records = new Map<string, VendingRecord | undefined>();

  /** The record as it stands, at once. */
  peek(credential: string): VendingRecord | undefined {
    return this.records.get(credential);
  }

  /** Replaces a record whatever it is. */
  put(credential: string, record: VendingRecord | undefined): void {
    this.records.set(credential, record);
  }

  async read(credential: string): Promise<VendingRecord | undefined> {
    return this.peek(credential);
  }

  async acquire(credential: string, claim: Claim): Promise<Written> {
    return this.write(
      credential,
      (record) => {
        const free = !record?.lease || record.lease.until < claim.now;
        const same = record?.tokenId === claim.tokenId && record?.failure?.retryAt === claim.retryAt;
        return (free && same) || record?.lease?.id === claim.lease.id;
      },
      (record = {}) => {
        const { token, ...rest } = record;
        const kept = token &&
          !claim.dropToken && { ...token, ...(claim.rejectedAt !== undefined && { rejected: true }) };
        return {
          ...rest,
          lease: claim.lease,
          ...(kept && { token: kept }),
          ...(claim.rejectedAt !== undefined && { forcedAt: claim.rejectedAt }),
        };
      },
    );
  }

  async publish(credential: string, leaseId: string, token: Token): Promise<Written> {
    const repeats = (record?: VendingRecord) => record?.token?.rejected === true && record.token.value === token.value;
    if (this.peek(credential)?.tokenId === token.id) {
      return { done: true, record: this.peek(credential) };
    }
    return this.write(
      credential,
      (record) => (record === undefined || record.lease?.id === leaseId) && !repeats(record),
      ({ forcedAt } = {}) => ({ tokenId: token.id, token, ...(forcedAt !== undefined && { forcedAt }) }),
    );
  }

  async release(credential: string, leaseId: string, failure?: Failure): Promise<Written> {
    return this.write(
      credential,
      (record) => record?.lease?.id === leaseId,
      ({ lease: _ended, ...rest } = {}) => ({ ...rest, ...(failure && { failure }) }),
    );
  }

  async mark(credential: string, tokenId: string, mark: Mark): Promise<Written> {
    return this.write(
      credential,
      (record) => record?.token !== undefined && record.tokenId === tokenId,
      (record = {}) => ({ ...record, ...(record.token && { token: marked(record.token, mark) }) }),
    );
  }

  private write(
    credential: string,
    condition: (record?: VendingRecord) => boolean,
    change: (record?: VendingRecord) => VendingRecord,
  ): Written {
    const record = this.peek(credential);
    if (!condition(record)) {
      return { done: false, record };
    }
    const changed = change(record);
    this.records.set(credential, changed);
    return { done: true, record: changed };
  }
}

function marked(token: Token, mark: Mark): Token {
  return typeof mark === 'string' ? { ...token, [mark]: true } : { ...token, secretVersion: mark.secretVersion };
}
