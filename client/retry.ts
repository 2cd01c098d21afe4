import type { TokenVendingError } from './errors';

/** Attempts in the background, while the current token is still valid. The second one is for a dead connection. */
export const BACKGROUND_ATTEMPTS = 2;

/** A call takes at most this long. API Gateway itself answers within 29 s. */
export const CALL_BUDGET_MS = 30_000;

const FIRST_PAUSE_MS = 500;

/** The API accepts 50 calls a second by default, so 1,000 callers at once must spread their repeats over seconds. */
const LONGEST_PAUSE_MS = 4_000;

/** Whether the client repeats the call before it reports the failure. If a rejection took effect, its repeat gets the new
 * token. After a 504 the service may still be minting, so the client does not repeat a rejection. It repeats nothing after a 500 or 502 of the function
 * itself.
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

/** Milliseconds before the next attempt, or undefined if the remaining time is too short for one. Zero after a first broken connection: most likely the
 * environment was frozen and the other end closed the connection. `random` is from 0 to 1.
 */
export function pauseMs(error: TokenVendingError, attempt: number, random: number, leftMs: number): number | undefined {
  if (error.code === 'unreachable' && attempt === 1) {
    return 0;
  }
  const retryAfterMs = (error.retryAfter ?? 0) * 1000;
  const width = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1), leftMs - retryAfterMs);
  return width > 0 ? retryAfterMs + random * width : undefined;
}
