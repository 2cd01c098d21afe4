import type { Failure, Lease, Token, VendingRecord } from '../record/types';
import { sha256 } from '../sha256';
import { LONGEST_WITHOUT_TOKEN } from './backoff';
import { FORCED_REST } from './budgets';
import { attainableTtl, isDueForCaller, isDueForTick, promisedLife, requiredLife, usableToken } from './windows';

/** What a caller asks for. */
export interface VendRequest {
  readonly credential: string;
  /** Seconds of life that the answer must have. By default, any token above the floor will do. */
  readonly minTtl?: number;
  /** SHA-256 (lower-case hex) of a token that Fiskil refused: any other token is an answer. */
  readonly rejectedSha256?: string;
}

/** What a call knows besides the record. */
export interface CallState {
  /** The failure in the record when the call began. The call answers with a later failure. */
  readonly failureBefore?: Failure | undefined;
  /** Whether this call has already tried to get a fresher token. */
  readonly hasTriedRefresh?: boolean;
  /** A version of the secret that is no longer AWSCURRENT, if the call has looked. */
  readonly replacedVersion?: string | undefined;
  /** This environment found the secret unconfigured, and does not read it again before this instant. */
  readonly unconfiguredUntil?: number | undefined;
}

export type Decision =
  /** Answer with this token. */
  | { readonly action: 'serve'; readonly token: Token }
  /** Try for a new token, but answer with this one if that takes long. */
  | { readonly action: 'refresh'; readonly token: Token }
  /** There is no usable token: mint one. A rejection causes a forced mint; other callers still get the stored token. */
  | { readonly action: 'mint'; readonly isForced: boolean }
  /** There is no usable token, and another mint or a short backoff is running. Look again at `until` at the latest. */
  | { readonly action: 'wait'; readonly until: number; readonly poll: boolean }
  /** The last mint failed and its backoff runs. */
  | { readonly action: 'fail'; readonly failure: Failure }
  /** The caller asks for more life than a mint could give. */
  | { readonly action: 'refuse'; readonly attainable: number }
  /** A rejection forced a mint a moment ago. `until` is epoch milliseconds. */
  | { readonly action: 'too_soon'; readonly until: number };

/** What to do for one vend or rejection with this record. Times are epoch milliseconds. */
export function decideVend(
  record: VendingRecord | undefined,
  now: number,
  { minTtl, rejectedSha256 }: VendRequest,
  state: CallState = {},
): Decision {
  const stored = record?.token;
  if (stored && now < stored.expiresAt * 1_000 && (minTtl ?? 0) > attainableTtl(stored)) {
    return { action: 'refuse', attainable: attainableTtl(stored) };
  }

  const token = usableToken(record, now);
  const isRejected = token !== undefined && rejectedSha256 !== undefined && sha256(token.value) === rejectedSha256;
  const isReplaced = state.replacedVersion !== undefined && state.replacedVersion === record?.failure?.secretVersion;
  const failure = bindingFailure(record?.failure, now, token !== undefined, isReplaced);
  const lease = liveLease(record, now);
  const unconfigured = state.unconfiguredUntil !== undefined && state.unconfiguredUntil > now;
  if (token && !isRejected && promisedLife(token, now) >= requiredLife(token, minTtl)) {
    const canRefresh = isDueForCaller(token, now) && !lease && !failure && !unconfigured && !state.hasTriedRefresh;
    return { action: canRefresh ? 'refresh' : 'serve', token };
  }
  if (lease) {
    return { action: 'wait', until: lease.until, poll: true };
  }
  const isOld = isSame(failure, state.failureBefore);
  const restsUntil = (record?.forcedAt ?? Number.NEGATIVE_INFINITY) * 1_000 + FORCED_REST;
  if (isRejected && isOld && restsUntil > now) {
    return { action: 'too_soon', until: restsUntil };
  }
  if (!failure) {
    return unconfigured
      ? { action: 'wait', until: state.unconfiguredUntil, poll: false }
      : { action: 'mint', isForced: isRejected };
  }
  const isShort = failure.retryAt <= now + LONGEST_WITHOUT_TOKEN;
  return isShort && isOld && !isRejected
    ? { action: 'wait', until: failure.retryAt, poll: false }
    : { action: 'fail', failure };
}

/** The mint in flight, if there is one. */
function liveLease(record: VendingRecord | undefined, now: number): Lease | undefined {
  return record?.lease && record.lease.until >= now ? record.lease : undefined;
}

/** The remembered failure, if it still forbids a mint. */
function bindingFailure(
  failure: Failure | undefined,
  now: number,
  hasToken: boolean,
  isReplaced: boolean,
): Failure | undefined {
  if (!failure || failure.retryAt <= now) {
    return undefined;
  }
  if (failure.code === 'credentials_rejected') {
    return isReplaced ? undefined : failure;
  }
  // The pause was long because there was a token. Without that token callers get nothing, so do not wait.
  const outlived = !hasToken && failure.code !== 'upstream_throttled' && failure.retryAt > now + LONGEST_WITHOUT_TOKEN;
  return outlived ? undefined : failure;
}

function isSame(a: Failure | undefined, b: Failure | undefined): boolean {
  return a === undefined || (a.count === b?.count && a.retryAt === b.retryAt);
}

export type TickDecision =
  | { readonly action: 'nothing' }
  /** The token is old, or a token of the new pair should replace it. */
  | { readonly action: 'mint' }
  /** AWSCURRENT has moved: compare the pairs of the two versions, then write the version or mint. */
  | { readonly action: 'compare'; readonly token: Token };

/** What the scheduled tick does for one credential, with this record and the version of AWSCURRENT, if that is known. */
export function decideTick(
  record: VendingRecord | undefined,
  now: number,
  secretVersion: string | undefined,
): TickDecision {
  const token = usableToken(record, now);
  const isReplaced = secretVersion !== undefined && record?.failure?.secretVersion !== secretVersion;
  if (liveLease(record, now) || bindingFailure(record?.failure, now, token !== undefined, isReplaced)) {
    return { action: 'nothing' };
  }
  if (!token) {
    // Minting ahead helps nobody if the credential is not in use. But after a failed mint, somebody waits for the new version
    // of the secret.
    return { action: record?.failure && isReplaced ? 'mint' : 'nothing' };
  }
  if (secretVersion !== undefined && token.secretVersion !== secretVersion) {
    return { action: 'compare', token };
  }
  return { action: isDueForTick(token, now) ? 'mint' : 'nothing' };
}
