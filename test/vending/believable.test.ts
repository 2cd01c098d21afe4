import { describe, expect, test } from '@jest/globals';
import type { Failure, FailureCode, Token, VendingRecord } from '../../lambda/record/types';
import { believable } from '../../lambda/vending/believable';
import { failure, NOW, token } from './records';

/** Two machines' clocks may be 2 s off each way. */
const CLOCKS = 4_000;
const DAY = 86_400;
const SECONDS = NOW / 1_000;

const kept = (record: VendingRecord) =>
  Object.entries(believable(record, NOW) ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [name]));

test('no record is none, and what is in order stays as it is', () => {
  expect(believable(undefined, NOW)).toBeUndefined();
  const record = {
    tokenId: 'a',
    token: token('a'),
    lease: { id: 'b', until: NOW + 18_000 },
    failure: failure(),
    forcedAt: SECONDS,
    stored: { of: 'the store' },
  };
  expect(believable(record, NOW)).toEqual(record);
});

test('a lease is believed for as long as a mint may take, on a clock that is ahead', () => {
  const lease = (ms: number) => kept({ lease: { id: 'b', until: NOW + ms } });
  expect([lease(18_000 + CLOCKS), lease(18_000 + CLOCKS + 1)]).toEqual([['lease'], []]);
});

test('a forced mint is believed up to now, on a clock that is ahead', () => {
  const forced = (seconds: number) => kept({ forcedAt: SECONDS + seconds });
  expect([forced(4), forced(5)]).toEqual([['forcedAt'], []]);
});

describe('a failure', () => {
  const failed = (fields: Partial<Failure>) => kept({ failure: failure(fields) });

  test.each<[FailureCode, number]>([
    ['upstream_unavailable', 60_000],
    ['invalid_upstream_answer', 60_000],
    ['secret_unavailable', 60_000],
    ['credentials_rejected', 60_000],
    ['upstream_throttled', 300_000],
  ])('%s is believed for %i ms, on a clock that is ahead', (code, longest) => {
    const [last, first] = [NOW + longest + CLOCKS, NOW + longest + CLOCKS + 1];
    expect([failed({ code, retryAt: last }), failed({ code, retryAt: first })]).toEqual([['failure'], []]);
  });

  test('of a code that this release does not know, or without a count from 1 on, is none', () => {
    expect(failed({ code: 'of_another_release' as never })).toEqual([]);
    expect(failed({ code: 'constructor' as never })).toEqual([]);
    expect([failed({ count: 1 }), failed({ count: 0 })]).toEqual([['failure'], []]);
  });
});

describe('a token', () => {
  const holds = (fields: Partial<Token>) => kept({ token: token('a', fields) });

  test('that lives a day from now is believed, on a clock that is ahead, and no longer', () => {
    const until = (expiresAt: number) => holds({ issuedAt: expiresAt - 900, expiresAt });
    expect([until(SECONDS + DAY + 4), until(SECONDS + DAY + 5)]).toEqual([['token'], []]);
  });

  test('lives a second at least, and a day at most', () => {
    const lives = (seconds: number) => holds({ issuedAt: SECONDS - DAY, expiresAt: SECONDS - DAY + seconds });
    expect([lives(0), lives(1), lives(DAY), lives(DAY + 1)]).toEqual([[], ['token'], ['token'], []]);
  });

  test.each(['', 'two words', 'ünicode', 'line\nbreak', ' leading', 'trailing '])(
    'that no header can carry is none: %j',
    (value) => {
      expect(holds({ value })).toEqual([]);
    },
  );

  test.each(['!', '~', 'eyJ.a-b_c.d'])('that a header can carry is one: %s', (value) => {
    expect(holds({ value })).toEqual(['token']);
  });
});
