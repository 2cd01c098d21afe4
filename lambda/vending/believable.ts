import { isPrintable } from '../printable';
import type { Failure, Token, VendingRecord } from '../record/types';
import { longestPause } from './backoff';
import { LEASE_TIME } from './budgets';
import { isFailureCode } from './errors';
import { CLOCK_MARGIN, fullLife, LONGEST_LIFE } from './windows';

/** The record without the parts that this release cannot have written by `now` (epoch milliseconds). Another release or a person may have written them.
 * Such a part counts as absent, and the next acquire removes it. So it costs one mint and no more.
 */
export function believable(record: VendingRecord | undefined, now: number): VendingRecord | undefined {
  if (!record) {
    return undefined;
  }
  const { token, lease, failure, forcedAt } = record;
  const latest = now + CLOCK_MARGIN;
  return {
    ...record,
    token: token && isBelievableToken(token, latest) ? token : undefined,
    lease: lease && lease.until <= latest + LEASE_TIME ? lease : undefined,
    failure: failure && isBelievableFailure(failure, latest) ? failure : undefined,
    forcedAt: forcedAt !== undefined && forcedAt * 1_000 <= latest ? forcedAt : undefined,
  };
}

function isBelievableToken(token: Token, latest: number): boolean {
  const life = fullLife(token);
  // Other characters than printable ASCII would break the caller's header.
  const canBeSent = isPrintable(token.value);
  return canBeSent && life > 0 && life <= LONGEST_LIFE && token.expiresAt * 1_000 <= latest + LONGEST_LIFE;
}

function isBelievableFailure({ code, retryAt, count, secretVersion }: Failure, latest: number): boolean {
  // Whether a refused pair has been replaced shows by its version alone.
  const isWhole = code !== 'credentials_rejected' || secretVersion !== undefined;
  return isFailureCode(code) && isWhole && count >= 1 && retryAt <= latest + longestPause(code);
}
