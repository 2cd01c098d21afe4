import { describe, expect, test } from '@jest/globals';
import type { Failure, FailureCode, Lease, Token, VendingRecord } from '../../lambda/record/types';
import { type CallState, decideTick, decideVend } from '../../lambda/vending/decide';
import { sha256 } from '../../lambda/vending/sha256';

const NOW = 1_800_000_000_000;
const LEASE: Lease = { id: 'another', until: NOW + 10_000 };

/** A record whose token lives 900 s and has so many seconds left. */
function recordWith(
  secondsLeft: number,
  change: Partial<Token> = {},
  rest: Partial<VendingRecord> = {},
): VendingRecord {
  const expiresAt = NOW / 1_000 + secondsLeft;
  const token: Token = {
    value: 'value',
    clientId: 'id',
    issuedAt: expiresAt - 900,
    expiresAt,
    id: 'token-id',
    secretVersion: 'v1',
    vended: true,
    ...change,
  };
  return { tokenId: token.id, token, ...rest };
}

function failing(code: FailureCode, inMs: number): Failure {
  return { code, retryAt: NOW + inMs, count: 1, secretVersion: 'v1' };
}

function vend(record: VendingRecord | undefined, minTtl?: number, state: CallState = {}) {
  return decideVend(record, NOW, { credential: 'default', ...(minTtl !== undefined && { minTtl }) }, state);
}

describe('with a usable token, a vend', () => {
  test('serves it while more than a fifth of its life is left', () => {
    expect(vend(recordWith(180))).toMatchObject({ action: 'serve', token: { value: 'value' } });
  });

  test('tries for a new one in the last fifth', () => {
    expect(vend(recordWith(179))).toMatchObject({ action: 'refresh', token: { value: 'value' } });
  });

  test('tries for a new one only once', () => {
    expect(vend(recordWith(179), undefined, { hasTriedRefresh: true }).action).toBe('serve');
  });

  test('serves it while another mints', () => {
    expect(vend(recordWith(9, {}, { lease: LEASE })).action).toBe('serve');
  });

  test('takes a lease that has ended for none', () => {
    expect(vend(recordWith(100, {}, { lease: { id: 'dead', until: NOW - 1 } })).action).toBe('refresh');
    expect(vend(recordWith(100, {}, { lease: { id: 'alive', until: NOW } })).action).toBe('serve');
  });

  test.each<FailureCode>(['upstream_unavailable', 'upstream_throttled', 'credentials_rejected'])(
    'serves it while a backoff runs (%s)',
    (code) => {
      expect(vend(recordWith(100, {}, { failure: failing(code, 50_000) })).action).toBe('serve');
      expect(vend(recordWith(100, {}, { failure: failing(code, 0) })).action).toBe('refresh');
    },
  );

  test('serves it while this environment knows the secret for unconfigured', () => {
    expect(vend(recordWith(100), undefined, { unconfiguredUntil: NOW + 1 }).action).toBe('serve');
    expect(vend(recordWith(100), undefined, { unconfiguredUntil: NOW }).action).toBe('refresh');
  });
});

describe('a vend that states the life it needs', () => {
  test('gets no token with less, counting 4 s for clocks that differ', () => {
    expect(vend(recordWith(304), 300).action).toBe('serve');
    expect(vend(recordWith(303), 300).action).toBe('mint');
  });

  test('waits for another that mints', () => {
    expect(vend(recordWith(200, {}, { lease: LEASE }), 300)).toEqual({
      action: 'wait',
      until: LEASE.until,
      poll: true,
    });
  });

  test('gets the failure while a backoff runs, though others are served', () => {
    const failure = failing('upstream_unavailable', 50_000);
    expect(vend(recordWith(200, {}, { failure }), 300)).toEqual({ action: 'fail', failure });
  });

  test('is refused above two thirds of a fresh life, whatever is left', () => {
    expect(vend(recordWith(899), 601)).toEqual({ action: 'refuse', attainable: 600 });
    expect(vend(recordWith(100), 601).action).toBe('refuse');
    expect(vend(recordWith(100), 600).action).toBe('mint');
  });

  test('is not refused by what an expired token had', () => {
    expect(vend(recordWith(0), 601).action).toBe('mint');
  });
});

describe('without a usable token, a vend', () => {
  test.each([
    ['no record', undefined],
    ['an expired one', recordWith(-1)],
    ['one below the floor', recordWith(8)],
  ])('mints: %s', (_, record) => {
    expect(vend(record)).toEqual({ action: 'mint', isForced: false });
  });

  test('waits for the one who mints, and looks now and then', () => {
    expect(vend({ lease: LEASE })).toEqual({ action: 'wait', until: LEASE.until, poll: true });
  });

  test('waits through a short backoff that ran before it came', () => {
    const failure = failing('upstream_unavailable', 2_000);
    const known = { failureBefore: { ...failure } };
    expect(vend({ failure }, undefined, known)).toEqual({ action: 'wait', until: NOW + 2_000, poll: false });
  });

  test('takes a failure that came while it waited for its own answer', () => {
    const failure = failing('upstream_unavailable', 1_000);
    expect(vend({ failure })).toEqual({ action: 'fail', failure });
    expect(vend({ failure }, undefined, { failureBefore: { ...failure, count: 0 } }).action).toBe('fail');
    expect(vend({ failure }, undefined, { failureBefore: { ...failure, retryAt: 1 } }).action).toBe('fail');
  });

  test('is not held by a long backoff that was chosen behind a token which is gone since', () => {
    expect(vend({ failure: failing('upstream_unavailable', 2_001) }).action).toBe('mint');
    expect(vend({ failure: failing('secret_unavailable', 60_000) }).action).toBe('mint');
  });

  test('obeys a throttle for as long as it lasts', () => {
    const failure = failing('upstream_throttled', 200_000);
    expect(vend({ failure }, undefined, { failureBefore: failure })).toEqual({ action: 'fail', failure });
  });

  test('believes a refusal until the secret has another version', () => {
    const failure = failing('credentials_rejected', 50_000);
    expect(vend({ failure }, undefined, { failureBefore: failure, replacedVersion: 'v0' }).action).toBe('fail');
    expect(vend({ failure }, undefined, { failureBefore: failure }).action).toBe('fail');
    expect(vend({ failure }, undefined, { failureBefore: failure, replacedVersion: 'v1' }).action).toBe('mint');
  });

  test('waits before an unconfigured secret is read again', () => {
    const known = { unconfiguredUntil: NOW + 1_500 };
    expect(vend(undefined, undefined, known)).toEqual({ action: 'wait', until: NOW + 1_500, poll: false });
  });
});

describe('a tick', () => {
  const tick = (record: VendingRecord | undefined, version = 'v1') => decideTick(record, NOW, version).action;

  test('replaces a vended token in the last third of its life', () => {
    expect(tick(recordWith(300))).toBe('nothing');
    expect(tick(recordWith(299))).toBe('mint');
    expect(tick(recordWith(299, { vended: false }))).toBe('nothing');
  });

  test('does nothing for a credential that is not in use', () => {
    expect(tick(undefined)).toBe('nothing');
    expect(tick(recordWith(-5))).toBe('nothing');
  });

  test('does nothing while another mints or a backoff runs', () => {
    expect(tick(recordWith(100, {}, { lease: LEASE }))).toBe('nothing');
    expect(tick(recordWith(100, {}, { failure: failing('upstream_unavailable', 5_000) }))).toBe('nothing');
    expect(tick({ failure: failing('credentials_rejected', 5_000) })).toBe('nothing');
  });

  test('compares the pairs when AWSCURRENT has moved, vended or not', () => {
    const record = recordWith(800, { vended: false });
    expect(decideTick(record, NOW, 'v2')).toEqual({ action: 'compare', token: record.token });
  });

  test('leaves a refused version alone, and tries one that came after it', () => {
    const record = recordWith(
      800,
      {},
      { failure: { ...failing('credentials_rejected', 50_000), secretVersion: 'v2' } },
    );
    expect(tick(record, 'v2')).toBe('nothing');
    expect(tick(record, 'v3')).toBe('compare');
  });

  test('mints where the last mint failed with another version of the secret, for somebody waits', () => {
    expect(tick({ failure: failing('credentials_rejected', 50_000) }, 'v2')).toBe('mint');
    expect(tick({ failure: failing('upstream_unavailable', -1) }, 'v1')).toBe('nothing');
  });

  test('that heals is not held by a long backoff that was chosen behind a token which is gone since', () => {
    expect(tick({ failure: failing('upstream_unavailable', 50_000) }, 'v2')).toBe('mint');
  });

  test('that cannot tell the version of the secret does not take it for another', () => {
    expect(decideTick({ failure: failing('upstream_unavailable', -1) }, NOW, undefined).action).toBe('nothing');
  });
});

describe('a rejection', () => {
  const reject = (record: VendingRecord | undefined, state: CallState = {}, value = 'value') =>
    decideVend(record, NOW, { credential: 'default', rejectedSha256: sha256(value) }, state);
  const forcedAt = (secondsAgo: number) => ({ forcedAt: NOW / 1_000 - secondsAgo });

  test('of the stored token forces a mint', () => {
    expect(reject(recordWith(500))).toEqual({ action: 'mint', isForced: true });
  });

  test('of any other token is answered with the stored one', () => {
    expect(reject(recordWith(500), {}, 'another')).toMatchObject({ action: 'serve', token: { value: 'value' } });
  });

  test.each([
    ['nothing', undefined],
    ['a spent token', recordWith(-1)],
  ])('where the record holds %s needs no force', (_, record) => {
    expect(reject(record)).toEqual({ action: 'mint', isForced: false });
  });

  test.each([
    ['any mint', {}],
    ['a forced one', forcedAt(0)],
  ])('waits for %s that is in flight', (_, rest) => {
    const record = recordWith(500, {}, { lease: LEASE, ...rest });
    expect(reject(record)).toEqual({ action: 'wait', until: LEASE.until, poll: true });
  });

  test('comes too soon less than 30 s after one that forced a mint', () => {
    expect(reject(recordWith(500, {}, forcedAt(29)))).toEqual({ action: 'too_soon', until: NOW + 1_000 });
    expect(reject(recordWith(500, {}, forcedAt(30))).action).toBe('mint');
  });

  test.each<FailureCode>(['upstream_unavailable', 'upstream_throttled', 'credentials_rejected'])(
    'while a backoff runs is answered with its failure (%s), however short it is',
    (code) => {
      for (const failure of [failing(code, 1), failing(code, 50_000)]) {
        const decision = reject(recordWith(500, {}, { failure }), { failureBefore: failure });
        expect(decision).toEqual({ action: 'fail', failure });
      }
    },
  );

  test('that waited for a forced mint is told why it failed, and the next one that it comes too soon', () => {
    const failure = failing('upstream_unavailable', 1_000);
    const record = recordWith(500, {}, { failure, ...forcedAt(1) });
    expect(reject(record)).toEqual({ action: 'fail', failure });
    expect(reject(record, { failureBefore: failure }).action).toBe('too_soon');
  });
});
