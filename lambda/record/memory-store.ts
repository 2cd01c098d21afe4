import { isDeepStrictEqual } from 'node:util';
import type { Failure, LeaseClaim, Mark, RecordStore, Token, VendingRecord, Written } from './types';

/** The record store in memory, with the same conditions as the table. For a laptop, and for an environment that cannot use the table. */
export class MemoryStore implements RecordStore {
  private readonly records = new Map<string, VendingRecord | undefined>();

  /** The current record, without waiting. */
  peek(credential: string): VendingRecord | undefined {
    return this.records.get(credential);
  }

  /** Replaces a record without a condition. */
  put(credential: string, record: VendingRecord | undefined): void {
    this.records.set(credential, record);
  }

  async read(credential: string): Promise<VendingRecord | undefined> {
    return asRead(this.peek(credential));
  }

  async acquire(
    credential: string,
    { lease, seen, dropToken, forcedAt = seen?.forcedAt }: LeaseClaim,
  ): Promise<Written> {
    return this.write(
      credential,
      (record) => record?.lease?.id === lease.id || isUnchanged(record, seen?.stored as VendingRecord),
      ({ tokenId, token } = {}) => ({
        tokenId,
        token: dropToken ? undefined : token,
        failure: seen?.failure,
        forcedAt,
        lease,
      }),
    );
  }

  async publish(credential: string, leaseId: string, token: Token): Promise<Written> {
    return this.write(
      credential,
      (record) => record?.lease?.id === leaseId,
      ({ forcedAt } = {}) => ({ tokenId: token.id, token, forcedAt }),
    );
  }

  async create(credential: string, token: Token): Promise<Written> {
    return this.write(
      credential,
      (record) => record === undefined,
      () => ({ tokenId: token.id, token }),
    );
  }

  async release(credential: string, leaseId: string, failure?: Failure): Promise<Written> {
    return this.write(
      credential,
      (record) => record?.lease?.id === leaseId,
      (record = {}) => ({ ...record, lease: undefined, failure: failure ?? record.failure }),
    );
  }

  async mark(credential: string, tokenId: string, mark: Mark): Promise<Written> {
    return this.write(
      credential,
      (record) => record?.token !== undefined && record.tokenId === tokenId,
      (record = {}) => ({ ...record, token: record.token && marked(record.token, mark) }),
    );
  }

  private write(
    credential: string,
    condition: (record?: VendingRecord) => boolean,
    change: (record?: VendingRecord) => VendingRecord,
  ): Written {
    const record = this.peek(credential);
    if (!condition(record)) {
      return { done: false, record: asRead(record) };
    }
    const changed = change(record);
    this.records.set(credential, changed);
    return { done: true, record: asRead(changed) };
  }
}

function asRead(record: VendingRecord | undefined): VendingRecord | undefined {
  return record && { ...record, stored: record };
}

/** Whether everything that a decision to mint rests on is still as it was read. */
function isUnchanged(record: VendingRecord = {}, stored: VendingRecord = {}): boolean {
  const decidedOn = ({ tokenId, lease, failure, forcedAt }: VendingRecord) => [tokenId, lease, failure, forcedAt];
  return isDeepStrictEqual(decidedOn(record), decidedOn(stored));
}

function marked(token: Token, mark: Mark): Token {
  return mark === 'vended' ? { ...token, vended: true } : { ...token, secretVersion: mark.secretVersion };
}
