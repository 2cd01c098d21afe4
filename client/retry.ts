import type { TokenVendingError } from './errors';

/** Attempts for a caller who waits. */
export const ATTEMPTS = 5;

/** Attempts behind a token that still lives: the second one is for a dead connection, the rest can wait. */
export const BACKGROUND_ATTEMPTS = 2;

/** A caller waits for a call this long at most; API Gateway itself answers within 29 s. */
export const CALL_BUDGET_MS = 30_000;

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/**
 * A rejection may be repeated like a GET where the service cannot have been at work: one that had its effect answers
 * with the stored token. After a 504 the service is still at it, and the repeat would only wait behind it.
 */
export function isWorthRepeating(error: TokenVendingError, method: 'GET' | 'POST'): boolean {
  if (error.code === 'unreachable' || error.status === 503) return true;
  return error.code === 'throttled' || (error.status === 504 && method === 'GET');
}

/**
 * Milliseconds before the next attempt. None after a first broken connection: most likely the environment was frozen
 * and the other end hung up meanwhile. `random` is from 0 to 1.
 */
export function pauseMs(error: TokenVendingError, attempt: number, random: number): number {
  if (error.code === 'unreachable' && attempt === 1) return 0;
  const jittered = random * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return (error.retryAfter ?? 0) * 1000 + jittered;
}
