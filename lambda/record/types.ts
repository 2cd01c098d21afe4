/** A token in the record. */
export interface Token {
  /** The string that callers send as `Authorization: Bearer`. */
  readonly value: string;
  readonly clientId: string;
  /** Epoch seconds: the instant just before the request to Fiskil was sent. */
  readonly issuedAt: number;
  /** Epoch seconds: `issuedAt` plus what Fiskil said. */
  readonly expiresAt: number;
  /** The random id of the mint that made it. Conditions compare this id. */
  readonly id: string;
  /** The Secrets Manager VersionId whose pair minted it. */
  readonly secretVersion: string;
  /** Whether any caller has received it. */
  readonly vended: boolean;
}

/** The mint in flight. */
export interface Lease {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** The codes of stored failures. An unconfigured secret is never stored as a failure. */
export type FailureCode =
  | 'credentials_rejected'
  | 'invalid_upstream_answer'
  | 'upstream_unavailable'
  | 'upstream_throttled'
  | 'secret_unavailable';

/** What callers learn besides the code. */
export type FailureReason = 'wrong_team';

/** The last mint's failure. The record stores it, so that the whole fleet backs off and not only one environment. */
export interface Failure {
  readonly code: FailureCode;
  /** Epoch milliseconds before which nobody mints again. */
  readonly retryAt: number;
  /** How many mints failed in a row, with this one. */
  readonly count: number;
  /** The version of the secret whose pair was tried; absent when the secret could not be read. */
  readonly secretVersion?: string | undefined;
  readonly reason?: FailureReason | undefined;
}

/** The record: one DynamoDB item for each credential. */
export interface VendingRecord {
  /** The id of the last token. It outlives the token itself. */
  readonly tokenId?: string | undefined;
  readonly token?: Token | undefined;
  readonly lease?: Lease | undefined;
  readonly failure?: Failure | undefined;
  /** Epoch seconds of the last mint that a rejection forced. */
  readonly forcedAt?: number | undefined;
  /** The item from which the store read this record. The condition of an acquire compares it. Only the store uses it. */
  readonly stored?: unknown;
}

/** What an environment writes to take the lease. */
export interface LeaseClaim {
  readonly lease: Lease;
  /** The claimant's clock, epoch milliseconds. */
  readonly now: number;
  /** The record that the decision to mint was made on. The claim fails if token, lease, failure or `forcedAt` have changed since. */
  readonly seen: VendingRecord | undefined;
  /** Removes a token that must not be vended any more, so that no TTL deletion can remove the lease with it. */
  readonly dropToken: boolean;
  /** Epoch seconds. Set when a rejection forces the mint. */
  readonly forcedAt?: number | undefined;
}

/** The answer to a conditional write: whether it took effect, and the record after it (or the record that refused it). */
export interface Written {
  readonly done: boolean;
  readonly record: VendingRecord | undefined;
}

export type Mark = 'vended' | { readonly secretVersion: string };

/**
 * The table. Every read is consistent and every write conditional.
 * Each method may throw `StoreThrottled` or `StoreUnreachable`, and nothing else.
 */
export interface RecordStore {
  read(credential: string): Promise<VendingRecord | undefined>;
  /** Takes the lease, if the record is still as it was for the decision. A repeat with the same claim counts as done. */
  acquire(credential: string, claim: LeaseClaim): Promise<Written>;
  /** Stores a mint's token and ends the lease. Only for the holder of the lease. */
  publish(credential: string, leaseId: string, token: Token): Promise<Written>;
  /** Creates a record with this token, if there is no record. */
  create(credential: string, token: Token): Promise<Written>;
  /** Ends the lease without a token, and stores the failure. Without a failure, the previous one stays. Only for the holder of the lease. */
  release(credential: string, leaseId: string, failure?: Failure): Promise<Written>;
  /** Stores a fact about one token. Only while that token is the stored one. */
  mark(credential: string, tokenId: string, mark: Mark): Promise<Written>;
}
