/**
 * How long things may take, in milliseconds. Each is smaller than the one around it, so every call ends by itself:
 * attempt 5 s < mint 13 s < lease 18 s < request 22 s < Lambda 25 s < API Gateway 29 s.
 */

/** One HTTP exchange with Fiskil. */
export const ATTEMPT_BUDGET = 5_000;

/** Reading the secret (3 s at worst) and two attempts at Fiskil. */
export const MINT_BUDGET = 13_000;

/** A mint, the write that publishes it (2 s at worst), and clocks that differ. */
export const LEASE_TIME = 18_000;

/** A vend or a rejection, from its first line to its answer. */
export const REQUEST_BUDGET = 22_000;

/** The part of the request's time that is reserved for publishing the token. */
export const PUBLISH_RESERVE = 1_000;

/** A call does not begin a mint with less time than this: Fiskil answers in about 0.4 s, and a cold connection takes as long again. */
export const SHORTEST_MINT = 1_000;

/** How long the winner of a lease waits before it answers with the token that it has. */
export const REFRESH_PATIENCE = 2_000;

/** How old a remembered record may be when it answers a vend. */
export const MEMORY_AGE = 10_000;

/** How long an environment does not use a table that failed. */
export const TABLE_REST = 10_000;

/** How often one environment reads an unconfigured secret again. */
export const SECRET_REST = 2_000;

/** A rejection can force a replacement at most this often. */
export const FORCED_REST = 30_000;

/** The pauses of a call that waits for another mint: from `first` by `growth` to `longest`, each shortened by up to half at random. */
export const PAUSE = { first: 50, growth: 1.6, longest: 500 } as const;
