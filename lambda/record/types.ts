/** A token as it stands in the record. */
export interface Token {
  /** The string that callers send as `Authorization: Bearer`. */
  readonly value: string;
  readonly clientId: string;
  /** Epoch seconds: the instant just before the request to Fiskil was sent. */
  readonly issuedAt: number;
  /** Epoch seconds: `issuedAt` plus what Fiskil said. */
  readonly expiresAt: number;
  /** The random id of the mint that produced it; what conditions compare. */
  readonly id: string;
  /** The Secrets Manager VersionId whose pair minted it. */
  readonly secretVersion: string;
  /** Whether anybody was given it. */
  readonly vended: boolean;
}

/** The mint in flight. */
export interface Lease {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** What a remembered failure can be; an unconfigured secret is never remembered. */
export type FailureCode =
  | 'credentials_rejected'
  | 'invalid_upstream_answer'
  | 'upstream_unavailable'
  | 'upstream_throttled'
  | 'secret_unavailable';

/** What callers are told besides the code. */
export type FailureReason = 'wrong_team';

/** The last mint's failure, remembered so that the whole fleet backs off and not one environment. */
export interface Failure {
  readonly code: FailureCode;
  /** Epoch milliseconds before which nobody mints again. */
  readonly retryAt: number;
  /** How many mints failed one after the other, this one included. */
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
  /** What the store read this record from, to compare in the condition of an acquire. Nobody else looks at it. */
  readonly stored?: unknown;
}

/** What an environment writes to take the lease. */
export interface LeaseClaim {
  readonly lease: Lease;
  /** The claimant's clock, epoch milliseconds. */
  readonly now: number;
  /** The record that the decision to mint was made on. The claim fails if token, lease, failure or `forcedAt` have changed since. */
  readonly seen: VendingRecord | undefined;
  /** Removes a token that nobody may vend any more, so that no TTL deletion can take the lease with it. */
  readonly dropToken: boolean;
  /** Epoch seconds. Set when a rejection forces the mint. */
  readonly forcedAt?: number | undefined;
}

/** The answer to a conditional write: whether it took effect, and the record as it stands after it (or as it refused it). */
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
  /** Takes the lease, if the record is still the one decided on. Repeated by the same claim, it is done. */
  acquire(credential: string, claim: LeaseClaim): Promise<Written>;
  /** Stores a mint's token and ends the lease. Only for the holder of the lease. */
  publish(credential: string, leaseId: string, token: Token): Promise<Written>;
  /** Creates a record with this token, if there is no record. */
  create(credential: string, token: Token): Promise<Written>;
  /** Ends the lease without a token, and remembers why; without a failure the one before stays. Only for the holder of the lease. */
  release(credential: string, leaseId: string, failure?: Failure): Promise<Written>;
  /** Notes a fact about one token. Only while it is the stored one. */
  mark(credential: string, tokenId: string, mark: Mark): Promise<Written>;
}
