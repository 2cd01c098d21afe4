import { LONGEST_WITHOUT_TOKEN } from './backoff';
import { FORCED_REST } from './budgets';
import { sha256 } from './sha256';
import type { Failure, Token, VendingRecord } from './types';
import {
  attainableTtl,
  isDueForCaller,
  isDueForTick,
  isUnattainable,
  promisedLife,
  requiredLife,
  usableToken,
} from './windows';

/** What a caller asks for. */
export interface VendRequest {
  readonly credential: string;
  /** Seconds of life that the answer must have. Not given: what is left, down to the floor. */
  readonly minTtl?: number;
}

/** What this environment knows besides the record. */
export interface Known {
  /** The failure that was already there when the request began; one that came later is the request's own answer. */
  readonly failureBefore?: Failure | undefined;
  /** Whether this request has had its try at a fresher token. */
  readonly tried?: boolean;
  /** The version of AWSCURRENT, where it was looked up to see whether a refused pair has been replaced. */
  readonly secretVersion?: string | undefined;
  /** The instant before which this environment does not read a secret again that it found unconfigured. */
  readonly unconfiguredUntil?: number | undefined;
}

export type Decision =
  /** Answer with this token. */
  | { readonly action: 'serve'; readonly token: Token }
  /** Try for a new token, but answer with this one if that takes long. */
  | { readonly action: 'refresh'; readonly token: Token }
  /** No token to answer with: mint one. */
  | { readonly action: 'mint' }
  /** No token to answer with, and another's mint is in flight or a short backoff runs: look again at `until` at the latest. */
  | { readonly action: 'wait'; readonly until: number; readonly poll: boolean }
  /** The last mint failed and its backoff runs. */
  | { readonly action: 'fail'; readonly failure: Failure }
  /** More life than a mint could give. */
  | { readonly action: 'refuse'; readonly attainable: number };

/** What to do for one vend, given the record as it stands. Times are epoch milliseconds. */
export function decideVend(
  record: VendingRecord | undefined,
  now: number,
  request: VendRequest,
  known: Known = {},
): Decision {
  const { minTtl } = request;
  const stored = record?.token;
  if (stored && now < stored.expiresAt * 1_000 && isUnattainable(stored, minTtl)) {
    return { action: 'refuse', attainable: attainableTtl(stored) };
  }

  const token = usableToken(record, now);
  const failure = bindingFailure(record?.failure, now, token !== undefined, known);
  const busy = isLeased(record, now);
  const unconfigured = known.unconfiguredUntil !== undefined && known.unconfiguredUntil > now;
  if (token && promisedLife(token, now) >= requiredLife(token, minTtl)) {
    const canRefresh = isDueForCaller(token, now) && !busy && !failure && !unconfigured && !known.tried;
    return { action: canRefresh ? 'refresh' : 'serve', token };
  }
  if (busy) {
    return { action: 'wait', until: record.lease.until, poll: true };
  }
  if (!failure) {
    return unconfigured ? { action: 'wait', until: known.unconfiguredUntil, poll: false } : { action: 'mint' };
  }
  const isShort = failure.retryAt <= now + LONGEST_WITHOUT_TOKEN;
  return isShort && isSame(failure, known.failureBefore)
    ? { action: 'wait', until: failure.retryAt, poll: false }
    : { action: 'fail', failure };
}

function isLeased(
  record: VendingRecord | undefined,
  now: number,
): record is VendingRecord & Required<Pick<VendingRecord, 'lease'>> {
  return record?.lease !== undefined && record.lease.until >= now;
}

/** The remembered failure, if it still forbids a mint. */
function bindingFailure(
  failure: Failure | undefined,
  now: number,
  hasToken: boolean,
  known: Pick<Known, 'secretVersion'>,
): Failure | undefined {
  if (!failure || failure.retryAt <= now) {
    return undefined;
  }
  if (failure.code === 'credentials_rejected') {
    const replaced = known.secretVersion !== undefined && known.secretVersion !== failure.secretVersion;
    return replaced ? undefined : failure;
  }
  // A long pause was chosen while there was a token to go on with. If that token is gone since, callers are suffering.
  const outlived = !hasToken && failure.code !== 'upstream_throttled' && failure.retryAt > now + LONGEST_WITHOUT_TOKEN;
  return outlived ? undefined : failure;
}

function isSame(a: Failure, b: Failure | undefined): boolean {
  return a.count === b?.count && a.retryAt === b.retryAt;
}

export type TickDecision =
  | { readonly action: 'nothing' }
  /** The token is old, or it should be replaced by one of the new pair. */
  | { readonly action: 'mint' }
  /** AWSCURRENT has moved: compare the pairs of the two versions, then write the version or mint. */
  | { readonly action: 'compare'; readonly token: Token };

/** What the scheduled tick does for one credential, given the record and the version of AWSCURRENT where that can be told. */
export function decideTick(
  record: VendingRecord | undefined,
  now: number,
  secretVersion: string | undefined,
): TickDecision {
  const token = usableToken(record, now);
  if (isLeased(record, now) || bindingFailure(record?.failure, now, token !== undefined, { secretVersion })) {
    return { action: 'nothing' };
  }
  if (!token) {
    // Nobody is helped by minting ahead for a credential that is not in use; but where a mint failed, somebody waits
    // for the new version of the secret.
    const healed =
      secretVersion !== undefined && record?.failure !== undefined && record.failure.secretVersion !== secretVersion;
    return { action: healed ? 'mint' : 'nothing' };
  }
  if (secretVersion !== undefined && token.secretVersion !== secretVersion) {
    return { action: 'compare', token };
  }
  return { action: isDueForTick(token, now) ? 'mint' : 'nothing' };
}

export type RejectionDecision =
  /** The token named is gone or already known as refused: answer as a vend would. */
  | { readonly action: 'vend' }
  /** Mark the token, then answer as a vend would: a mint is in flight, or a backoff forbids one. */
  | { readonly action: 'mark'; readonly token: Token }
  /** Mark the token and take the lease in one write. */
  | { readonly action: 'force'; readonly token: Token }
  /** A replacement was forced a moment ago; leave the record as it is. `until` is epoch milliseconds. */
  | { readonly action: 'refuse'; readonly until: number };

/** What to do when a caller says that Fiskil refused the token whose SHA-256 (lower-case hex) is `tokenSha256`. */
export function decideRejection(
  record: VendingRecord | undefined,
  now: number,
  tokenSha256: string,
): RejectionDecision {
  const token = usableToken(record, now);
  if (!token || sha256(token.value) !== tokenSha256) {
    return { action: 'vend' };
  }
  const until = (record?.forcedAt ?? Number.NEGATIVE_INFINITY) * 1_000 + FORCED_REST;
  if (until > now) {
    return { action: 'refuse', until };
  }
  const barred = isLeased(record, now) || bindingFailure(record?.failure, now, false, {});
  return { action: barred ? 'mark' : 'force', token };
}
