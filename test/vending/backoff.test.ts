import { describe, expect, test } from '@jest/globals';
import type { Failure } from '../../lambda/record/types';
import { type FailedMint, nextFailure } from '../../lambda/vending/backoff';

const NOW = 1_800_000_000_000;

/** The pauses, in milliseconds, that so many failures in a row lead to. */
function pauses(n: number, failed: Partial<FailedMint>, chance = 0): number[] {
  let failure: Failure | undefined;
  return Array.from({ length: n }, () => {
    failure = nextFailure(
      failure,
      { code: 'upstream_unavailable', retryAfter: undefined, secretVersion: 'v1', usableFor: 0, ...failed },
      NOW,
      chance,
    );
    return failure.retryAt - NOW;
  });
}

const LONG = 800_000;

describe('behind a usable token', () => {
  test('pauses double from a second to a minute', () => {
    expect(pauses(8, { usableFor: LONG })).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('chance shortens them by up to half', () => {
    expect(pauses(2, { usableFor: LONG }, 0.5)).toEqual([750, 1_500]);
    expect(pauses(1, { usableFor: LONG }, 0.999)[0]).toBeGreaterThanOrEqual(500);
  });

  test('no pause goes on when the token is no longer usable', () => {
    expect(pauses(7, { usableFor: 20_000 }).at(-1)).toBe(20_000);
  });

  test('a thousand failures are still a minute', () => {
    expect(pauses(1_200, { usableFor: LONG }).at(-1)).toBe(60_000);
  });
});

test('with no usable token a pause is 2 s at most', () => {
  expect(pauses(4, {})).toEqual([1_000, 2_000, 2_000, 2_000]);
  expect(pauses(3, { usableFor: 500 }).at(-1)).toBe(2_000);
});

test('a refused pair rests for a minute', () => {
  expect(pauses(2, { code: 'credentials_rejected' })).toEqual([60_000, 60_000]);
});

test('a throttle rests as long as Fiskil asks, up to five minutes, and a second at least', () => {
  expect(pauses(1, { code: 'upstream_throttled', retryAfter: 17 })).toEqual([17_000]);
  expect(pauses(1, { code: 'upstream_throttled', retryAfter: 3_600 })).toEqual([300_000]);
  expect(pauses(1, { code: 'upstream_throttled', retryAfter: 0 })).toEqual([1_000]);
});

test('a throttle that names no time is like any failure', () => {
  expect(pauses(2, { code: 'upstream_throttled' })).toEqual([1_000, 2_000]);
});

test('only a throttle obeys a time that Fiskil names', () => {
  expect(pauses(1, { code: 'upstream_unavailable', retryAfter: 17 })).toEqual([1_000]);
});

test('the failure names its code, how many there were, and the version that was tried', () => {
  const first = nextFailure(
    undefined,
    { code: 'secret_unavailable', retryAfter: undefined, secretVersion: undefined, usableFor: 0 },
    NOW,
    0,
  );
  expect(first).toEqual({ code: 'secret_unavailable', count: 1, retryAt: NOW + 1_000 });
  const second = nextFailure(
    first,
    { code: 'credentials_rejected', retryAfter: undefined, secretVersion: 'v2', usableFor: 0 },
    NOW,
    0,
  );
  expect(second).toEqual({ code: 'credentials_rejected', count: 2, retryAt: NOW + 60_000, secretVersion: 'v2' });
});
