import { describe, expect, test } from '@jest/globals';
import type { Failure, FailureCode, Lease, VendingRecord } from '../../lambda/record/types';
import { sha256 } from '../../lambda/sha256';
import { type CallState, type Decision, decideTick, decideVend, type TickDecision } from '../../lambda/vending/decide';
import { NOW, token } from './records';

// Each row: what the record holds, what is decided on it, and what else the caller asked for or knows.

const LEASE: Lease = { id: 'another', until: NOW + 10_000 };
const FORCED = { action: 'mint', isForced: true } as const;
const UNFORCED = { action: 'mint', isForced: false } as const;
const POLL = { action: 'wait', until: LEASE.until, poll: true } as const;

/** A record whose token lives 900 s and has so many seconds left. */
function left(seconds: number, rest: Partial<VendingRecord> = {}, vended = true): VendingRecord {
  const expiresAt = NOW / 1_000 + seconds;
  return { tokenId: 'token', token: token('token', { issuedAt: expiresAt - 900, expiresAt, vended }), ...rest };
}

function failing(code: FailureCode, inMs: number, secretVersion = 'version-1'): { failure: Failure } {
  return { failure: { code, retryAt: NOW + inMs, count: 1, secretVersion } };
}

const away = (inMs: number) => failing('upstream_unavailable', inMs);
const refused = failing('credentials_rejected', 50_000);
const throttled = failing('upstream_throttled', 200_000);
const forced = (secondsAgo: number) => ({ forcedAt: NOW / 1_000 - secondsAgo });

interface Asked extends CallState {
  readonly minTtl?: number;
  /** The string of the token that Fiskil refused. */
  readonly rejected?: string;
}

/** The action alone, or the whole decision. A token or a failure in it is the record's. */
function expectDecision(decision: Decision | TickDecision, expected: string | object, record?: VendingRecord): void {
  expect(typeof expected === 'string' ? decision.action : decision).toEqual(expected);
  if ('token' in decision) expect(decision.token).toBe(record?.token);
  if ('failure' in decision) expect(decision.failure).toBe(record?.failure);
}

type Vend = readonly [what: string, VendingRecord | undefined, Decision['action'] | Decision, asked?: Asked];

function vends(name: string, rows: readonly Vend[], all: Asked = {}): void {
  describe(name, () => {
    for (const [what, record, expected, asked] of rows) {
      const { minTtl, rejected, ...state } = { ...all, ...asked };
      const request = {
        credential: 'default',
        ...(minTtl !== undefined && { minTtl }),
        ...(rejected !== undefined && { rejectedSha256: sha256(rejected) }),
      };
      test(what, () => expectDecision(decideVend(record, NOW, request, state), expected, record));
    }
  });
}

vends('a vend with a usable token', [
  ['serves it with a fifth of its life left', left(180), 'serve'],
  ['tries for a new one with less', left(179), 'refresh'],
  ['tries once', left(179), 'serve', { hasTriedRefresh: true }],
  ['serves it while another mints', left(9, { lease: LEASE }), 'serve'],
  ['takes a lease for alive in its last instant', left(100, { lease: { id: 'alive', until: NOW } }), 'serve'],
  ['takes a lease for ended after it', left(100, { lease: { id: 'dead', until: NOW - 1 } }), 'refresh'],
  ['serves it while a backoff runs', left(100, away(50_000)), 'serve'],
  ['serves it while a throttle lasts', left(100, throttled), 'serve'],
  ['serves it while its pair is refused', left(100, refused), 'serve'],
  ['tries for a new one when the backoff is over', left(100, away(0)), 'refresh'],
  ['serves it while the secret is known as unconfigured', left(100), 'serve', { unconfiguredUntil: NOW + 1 }],
  ['tries for a new one after that', left(100), 'refresh', { unconfiguredUntil: NOW }],
]);

vends('a vend that states the life it needs', [
  ['is served with that and 4 s for clocks that differ', left(304), 'serve', { minTtl: 300 }],
  ['gets no token with less', left(303), 'mint', { minTtl: 300 }],
  ['waits for another that mints', left(200, { lease: LEASE }), POLL, { minTtl: 300 }],
  ['gets the failure of a backoff', left(200, away(50_000)), 'fail', { minTtl: 300 }],
  ['is refused above two thirds of a life', left(899), { action: 'refuse', attainable: 600 }, { minTtl: 601 }],
  ['is refused whatever is left', left(100), 'refuse', { minTtl: 601 }],
  ['is not refused at two thirds', left(100), 'mint', { minTtl: 600 }],
  ['is not refused by what an expired token had', left(0), 'mint', { minTtl: 601 }],
]);

vends('a vend without a usable token', [
  ['mints: there is no record', undefined, UNFORCED],
  ['mints: the token has expired', left(-1), UNFORCED],
  ['mints: the token is below the floor', left(8), UNFORCED],
  ['waits for the one who mints, and looks now and then', { lease: LEASE }, POLL],
  [
    'waits through a short backoff that ran before it came',
    away(2_000),
    { action: 'wait', until: NOW + 2_000, poll: false },
    { failureBefore: away(2_000).failure },
  ],
  ['gets a failure that came while it waited', away(1_000), 'fail'],
  ['tells it by its count', away(1_000), 'fail', { failureBefore: { ...away(1_000).failure, count: 0 } }],
  ['tells it by its time', away(1_000), 'fail', { failureBefore: away(1).failure }],
  ['is not held by a long backoff that was chosen behind a token', away(2_001), 'mint'],
  ['obeys a throttle as long as it lasts', throttled, 'fail', { failureBefore: throttled.failure }],
  ['believes a refusal of the pair', refused, 'fail', { failureBefore: refused.failure }],
  ['believes it of this version', refused, 'fail', { failureBefore: refused.failure, replacedVersion: 'version-0' }],
  ['mints when that version is replaced', refused, 'mint', { replacedVersion: 'version-1' }],
  [
    'waits before an unconfigured secret is read again',
    undefined,
    { action: 'wait', until: NOW + 1_500, poll: false },
    { unconfiguredUntil: NOW + 1_500 },
  ],
]);

vends(
  'a rejection',
  [
    ['of the stored token forces a mint', left(500), FORCED],
    ['of any other token is answered with the stored one', left(500), 'serve', { rejected: 'another' }],
    ['where the record holds nothing needs no force', undefined, UNFORCED],
    ['where the record holds a spent token needs no force', left(-1), UNFORCED],
    ['waits for a mint that is in flight', left(500, { lease: LEASE }), POLL],
    ['waits for a forced one too', left(500, { lease: LEASE, ...forced(0) }), POLL],
    ['comes too soon within 30 s of a forced mint', left(500, forced(29)), { action: 'too_soon', until: NOW + 1_000 }],
    ['forces another after that', left(500, forced(30)), FORCED],
    ['gets the failure of a backoff, however short', left(500, away(1)), 'fail', { failureBefore: away(1).failure }],
    ['gets the failure of a throttle', left(500, throttled), 'fail', { failureBefore: throttled.failure }],
    ['gets the refusal of the pair', left(500, refused), 'fail', { failureBefore: refused.failure }],
    ['that waited for a forced mint is told why it failed', left(500, { ...away(1), ...forced(1) }), 'fail'],
    [
      'the next one is told that it comes too soon',
      left(500, { ...away(1), ...forced(1) }),
      'too_soon',
      { failureBefore: away(1).failure },
    ],
  ],
  { rejected: 'value-of-token' },
);

describe('a tick', () => {
  const refusedAt2 = failing('credentials_rejected', 50_000, 'version-2');

  test.each<[what: string, VendingRecord | undefined, TickDecision['action'], version?: string]>([
    ['leaves a token with a third of its life', left(300), 'nothing'],
    ['replaces one with less', left(299), 'mint'],
    ['leaves one that nobody was given', left(299, {}, false), 'nothing'],
    ['leaves a credential that is not in use', undefined, 'nothing'],
    ['leaves a spent token', left(-5), 'nothing'],
    ['waits while another mints', left(100, { lease: LEASE }), 'nothing'],
    ['waits while a backoff runs', left(100, away(5_000)), 'nothing'],
    ['leaves a refused pair', refused, 'nothing'],
    ['compares the pairs when AWSCURRENT has moved, vended or not', left(800, {}, false), 'compare', 'version-2'],
    ['leaves a refused version', left(800, refusedAt2), 'nothing', 'version-2'],
    ['tries the version after it', left(800, refusedAt2), 'compare', 'version-3'],
    ['mints with a new version after a failed mint, for somebody waits', refused, 'mint', 'version-2'],
    ['leaves the same version after a failed mint', away(-1), 'nothing'],
    ['is not held by a long backoff that was chosen behind a token', away(50_000), 'mint', 'version-2'],
  ])('%s', (_what, record, expected, version = 'version-1') => {
    expectDecision(decideTick(record, NOW, version), expected, record);
  });

  test('does not take a version that cannot be told for another', () => {
    expect(decideTick(away(-1), NOW, undefined).action).toBe('nothing');
  });
});
