import type { Failure, FailureCode } from '../record/types';

/** How long nobody asks Fiskil after a failed mint. Milliseconds. */

/** With a usable token nobody suffers: double from 1 s to a minute. */
const FIRST = 1_000;
const LONGEST = 60_000;

/** With no usable token every second is an outage for callers. */
export const LONGEST_WITHOUT_TOKEN = 2_000;

/** The pause after Fiskil refused a pair, unless the secret changes before. */
const AFTER_REFUSAL = 60_000;

/** The longest `Retry-After` of Fiskil that the function obeys. */
const LONGEST_RETRY_AFTER = 300_000;

/** The longest pause that any writer chooses after a failure with this code. */
export function longestPause(code: FailureCode): number {
  return code === 'upstream_throttled' ? LONGEST_RETRY_AFTER : LONGEST;
}

export interface FailedMint extends Omit<Failure, 'count' | 'retryAt'> {
  /** Seconds, where Fiskil named them. */
  readonly retryAfter: number | undefined;
  /** For how many milliseconds callers can still get the stored token; 0 for none. */
  readonly usableFor: number;
}

/** The failure to remember. Its count continues that of the previous one. `chance` in [0, 1) spreads the retries. */
export function nextFailure(previous: Failure | undefined, failed: FailedMint, now: number, chance: number): Failure {
  const count = (previous?.count ?? 0) + 1;
  const { retryAfter: _1, usableFor: _2, ...what } = failed;
  return { ...what, count, retryAt: now + Math.ceil(pause(failed, count, chance)) };
}

function pause(failed: FailedMint, count: number, chance: number): number {
  if (failed.code === 'credentials_rejected') {
    return AFTER_REFUSAL;
  }
  if (failed.code === 'upstream_throttled' && failed.retryAfter !== undefined) {
    return Math.min(Math.max(failed.retryAfter * 1_000, FIRST), LONGEST_RETRY_AFTER);
  }
  const longest = Math.max(Math.min(LONGEST, failed.usableFor), LONGEST_WITHOUT_TOKEN);
  // The exponent is bounded so that a count of thousands stays a number.
  const grown = Math.min(longest, FIRST * 2 ** Math.min(count - 1, 10));
  return grown * (1 - chance / 2);
}
