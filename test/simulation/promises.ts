import type { Token } from '../../lambda/record/types';

/**
 * What is promised, as docs/architecture.md has it. The arithmetic is written here again, apart from the engine's: an oracle that
 * asked the code under test would agree with any bug in it. Milliseconds where not said otherwise.
 */

/** Each broken promise is reported under one of these. */
export type Invariant =
  /** No answer below the promised life, nor past its expiry. */
  | 'promised life'
  /** Every answer was issued by Fiskil, for that credential. */
  | 'really issued'
  /** A mint that lost its lease never replaces a newer token. */
  | 'fence'
  /** A token that was replaced in the table is vended for 10 s more at most. */
  | 'replaced for good'
  /** A rejection is never answered with the token that it names. */
  | 'another token'
  /** A rejection takes the token from nobody: it is vended until a replacement is there. */
  | 'rejection takes nothing'
  /** Rejections force one mint in 30 s at most, whatever is throttled. */
  | 'one forced mint in 30 s'
  /** One mint for each life; none wasted unless something failed. */
  | 'one mint a life'
  /** Every call ends in its time. */
  | 'ends in time'
  /** The first call after the stored `retry_at` succeeds once nothing fails any more. */
  | 'recovers'
  /** A new pair in the secret is in use a tick later. */
  | 'follows the secret'
  /** A token of another team than the secret says is never stored, and never vended. */
  | 'right team'
  /** In steady state nobody waits for a mint. */
  | 'nobody waits'
  /** While a working token is stored, a vend never fails. */
  | 'working token serves'
  /** An error is typed, and there is none where nothing fails. */
  | 'honest refusal'
  /** No promise is left to reject unheard. */
  | 'nothing unhandled'
  /** No token and no secret in what the operator is told. */
  | 'tells no secret';

/** The first promise that was broken. */
export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

export type Violate = (invariant: Invariant, detail: string) => void;

/** Two machines' clocks, each up to 2 s off. */
const MARGIN = 4_000;
const FLOOR = 5_000;
/** Below a minute of life the two together are a fifth of it. */
const SHORT = 60_000;

export function lifeOf(token: Token): number {
  return (token.expiresAt - token.issuedAt) * 1_000;
}

function share(token: Token): number {
  return lifeOf(token) >= SHORT ? 1 : lifeOf(token) / 5 / (MARGIN + FLOOR);
}

/** The life that a caller may be promised, at this time of an environment's clock. */
export function promised(token: Token, now: number): number {
  return token.expiresAt * 1_000 - now - MARGIN * share(token);
}

/** Also of one that nobody can have been issued: it ends before it begins, or later than a day from now. */
export function isSpent(token: Token, now: number): boolean {
  const isOdd = lifeOf(token) <= 0 || token.expiresAt * 1_000 > now + MARGIN + 86_400_000;
  return isOdd || promised(token, now) < FLOOR * share(token);
}

export function isDueForCaller(token: Token, now: number): boolean {
  return token.expiresAt * 1_000 - now < lifeOf(token) / 5;
}

export function isDueForTick(token: Token, now: number): boolean {
  return token.vended && lifeOf(token) >= 180_000 && token.expiresAt * 1_000 - now < lifeOf(token) / 3;
}

/** A Lambda invocation. */
export const CALL_TIME = 25_000;
/** How old a memory may be that answers a vend. */
export const MEMORY_TIME = 10_000;
/** How long an environment goes on alone after its table failed. */
export const ALONE_TIME = 10_000;
export const FORCED_PAUSE = 30_000;
export const LEASE = 18_000;
/** The longest that a caller can be asked to wait before it tries again, seconds. */
export const LONGEST_RETRY_AFTER = { credentials_rejected: 60, upstream_throttled: 300 } as const;
