import { describe, expect, test } from '@jest/globals';
import type { Token } from '../../lambda/record/types';
import {
  attainableTtl,
  isDueForCaller,
  isDueForTick,
  isSpent,
  promisedLife,
  requiredLife,
  usableFor,
  usableToken,
  wantedLife,
} from '../../lambda/vending/windows';

const ISSUED = 1_800_000_000;

function token(life: number, change: Partial<Token> = {}): Token {
  return {
    value: 't',
    clientId: 'c',
    issuedAt: ISSUED,
    expiresAt: ISSUED + life,
    id: 'i',
    secretVersion: 'v',
    vended: true,
    ...change,
  };
}

/** The instant at which a token of this life has so many seconds left. */
const left = (life: number, seconds: number) => (ISSUED + life - seconds) * 1_000;

describe('a token of 900 seconds', () => {
  const t = token(900);

  test('has 4 s less to promise than Fiskil said', () => {
    expect(promisedLife(t, left(900, 100))).toBe(96_000);
  });

  test('is vended down to 9 s before its expiry: 4 s of margin and a floor of 5 s', () => {
    expect(isSpent(t, left(900, 9))).toBe(false);
    expect(isSpent(t, left(900, 8.999))).toBe(true);
  });

  test('is wanted with 60 s of life', () => {
    expect(wantedLife(t, undefined)).toBe(60_000);
  });

  test('can be asked for with up to 600 s', () => {
    expect(attainableTtl(t)).toBe(600);
  });

  test('is replaced by the tick with less than 300 s left, by a caller with less than 180 s', () => {
    expect(isDueForTick(t, left(900, 300))).toBe(false);
    expect(isDueForTick(t, left(900, 299.999))).toBe(true);
    expect(isDueForCaller(t, left(900, 180))).toBe(false);
    expect(isDueForCaller(t, left(900, 179.999))).toBe(true);
  });

  test('is left alone by the tick if nobody was given it', () => {
    expect(isDueForTick(token(900, { vended: false }), left(900, 100))).toBe(false);
  });
});

describe('a token of less than a minute', () => {
  test('is vended until a fifth of its life is left, margin and floor together', () => {
    const t = token(30);
    expect(isSpent(t, left(30, 6))).toBe(false);
    expect(isSpent(t, left(30, 5.999))).toBe(true);
    expect(promisedLife(t, left(30, 6)) * (9 / 5)).toBeCloseTo(6_000);
  });

  test('begins below 60 s', () => {
    expect(isSpent(token(60), left(60, 9))).toBe(false);
    expect(isSpent(token(59), left(59, 11))).toBe(true);
  });
});

test('a short token is wanted with a fifteenth of its life', () => {
  expect(wantedLife(token(300), undefined)).toBe(20_000);
});

test('what a caller asks for is required, and never less than the floor', () => {
  expect(requiredLife(token(900), 100)).toBe(100_000);
  expect(requiredLife(token(900), 2)).toBe(5_000);
  expect(requiredLife(token(900), undefined)).toBe(5_000);
  expect(wantedLife(token(900), 100)).toBe(100_000);
});

test('the tick, which comes every minute, replaces no token that lives less than three', () => {
  expect(isDueForTick(token(180), left(180, 59))).toBe(true);
  expect(isDueForTick(token(179), left(179, 20))).toBe(false);
});

test('a spent token is usable by nobody', () => {
  const now = left(900, 500);
  expect(usableToken({ token: token(900) }, now)).toBeDefined();
  expect(usableToken({ token: token(900) }, left(900, 5))).toBeUndefined();
  expect(usableToken(undefined, now)).toBeUndefined();
  expect(usableFor({ token: token(900) }, now)).toBe(491_000);
  expect(usableFor(undefined, now)).toBe(0);
});
