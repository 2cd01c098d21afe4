/** A Fiskil key pair, as it is kept in the secret. */
export interface Pair {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The id of the Fiskil team that it must belong to, if the secret names one. The id is not secret. */
  readonly orgId?: string;
}

/** A pair and the Secrets Manager VersionId that it was read from. */
export interface VersionedPair {
  readonly pair: Pair;
  readonly version: string;
  /** Epoch milliseconds: when that version was made. Absent if unknown. */
  readonly createdAt?: number;
}

/** What Fiskil answers to a mint. */
export interface MintedToken {
  readonly token: string;
  /** Seconds, as Fiskil said. */
  readonly expiresIn: number;
}

/** Secrets Manager. Throws `VendingError` with `credential_not_configured` or `secret_unavailable`. */
export interface SecretReader {
  /** The pair of AWSCURRENT. */
  current(credential: string): Promise<VersionedPair>;
  /** The pair of one version. */
  version(credential: string, version: string): Promise<Pair>;
}

/** What the engine tells the operator. It holds no secret and no token. */
export type Fact = { readonly credential: string } & (
  | {
      readonly kind: 'minted';
      readonly cause: Cause;
      readonly durationMs: number;
      readonly expiresAt: number;
      readonly tokenSha256: string;
      readonly secretVersion: string;
    }
  | ({ readonly kind: 'mint_failed'; readonly cause: Cause; readonly durationMs: number } & ErrorFields)
  /** A token names no Fiskil team, so it could not be compared with the team in the secret. */
  | { readonly kind: 'team_not_told'; readonly cause: Cause }
  /** Another mint took over the lease during this one. The code drops the token. */
  | { readonly kind: 'mint_superseded'; readonly cause: Cause }
  /** A call wanted to mint, but another writer was faster or the table throttled the write. */
  | { readonly kind: 'lease_not_taken'; readonly cause: Cause; readonly reason: 'changed' | 'throttled' }
  /** A tick ran to its end, successful or not. The age is that of AWSCURRENT, if the tick could read it. */
  | { readonly kind: 'ticked'; readonly secretAgeMs?: number }
  /** A tick could not do its work for this credential. */
  | ({ readonly kind: 'tick_failed' } & ErrorFields)
  /** A caller waited for a mint, its own or another's. */
  | { readonly kind: 'waited'; readonly durationMs: number }
  /** The table cannot be used. This environment works without it for a while. */
  | { readonly kind: 'table_unreachable'; readonly reason: string }
);

/** The id and the name of Fiskil's error, under their names in log lines. Fiskil's support asks for the id. */
export interface UpstreamError {
  readonly upstream_error_id?: string;
  readonly upstream_error_name?: string;
}

export interface ErrorFields extends UpstreamError {
  readonly code: string;
  /** A status or an error's name: never a message or a body from outside. */
  readonly reason?: string | undefined;
  /** An unexpected error. Only its place is logged, because its message can quote a secret. */
  readonly thrown?: unknown;
}

/** Why a token was minted. */
export type Cause = 'vend' | 'rejection' | 'tick';

/** Fiskil. Throws `VendingError` with an upstream code or `credentials_rejected`. */
export interface Minter {
  mint(pair: Pair, timeoutMs: number): Promise<MintedToken>;
}

/** Time as an argument. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** Chance as an argument. */
export interface Chance {
  /** A number in [0, 1). */
  number(): number;
  /** An id that no other mint has. */
  id(): string;
}
