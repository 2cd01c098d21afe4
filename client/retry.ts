import type { TokenVendingError } from './errors';

/** Attempts behind a token that still lives: the second one is for a dead connection, the rest can wait. */
export const BACKGROUND_ATTEMPTS = 2;

/** A caller waits for a call this long at most; API Gateway itself answers within 29 s. */
export const CALL_BUDGET_MS = 30_000;

const FIRST_PAUSE_MS = 500;

/** A crowd of 1,000 that meets the default throttle, 50 calls a second, must be spread over seconds. */
const LONGEST_PAUSE_MS = 4_000;

/**
 * Whether the same call is repeated before its caller hears of the failure. A rejection may be repeated like a GET where
 * the service cannot have been at work: one that had its effect answers with the stored token. After a 504 the service is
 * still at it, and the repeat would only wait behind it. What the function itself answered with 500 or 502 stands.
 */
export function isWorthRepeating(error: TokenVendingError, method: 'GET' | 'POST'): boolean {
  if (!error.retryable) {
    return false;
  }
  if (error.code === 'unreachable' || error.code === 'throttled' || error.status === 503) {
    return true;
  }
  return method === 'GET' && (error.code === 'gateway_timeout' || error.code === 'gateway_error');
}

/**
 * Milliseconds before the next attempt, or undefined where the time left is too short for one. None after a first broken
 * connection: most likely the environment was frozen and the other end hung up meanwhile. `random` is from 0 to 1.
 */
export function pauseMs(error: TokenVendingError, attempt: number, random: number, leftMs: number): number | undefined {
  if (error.code === 'unreachable' && attempt === 1) {
    return 0;
  }
  const told = (error.retryAfter ?? 0) * 1000;
  const width = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1), leftMs - told);
  return width > 0 ? told + random * width : undefined;
}
