import { beforeEach, describe, expect, test } from '@jest/globals';
import { StoreThrottled } from '../../lambda/vending/errors';
import { sha256 } from '../../lambda/vending/sha256';
import { codeOf, START, World } from './world';

const REQUEST = { credential: 'default' };
const REJECTION = { ...REQUEST, tokenSha256: sha256('stored') };

let world: World;
beforeEach(() => {
  world = new World();
  world.store();
});

test('a thousand rejections of one token cost one mint', async () => {
  const calls = Array.from({ length: 1_000 }, () => world.environment().reject(REJECTION));
  const answers = await world.clock.run(Promise.all(calls));
  expect(new Set(answers.map(({ token }) => token.value))).toEqual(new Set(['token-1']));
  expect(world.minter.mints).toBe(1);
  expect(world.factsOf('minted')).toMatchObject([{ cause: 'rejection' }]);
});

test('nobody who reads the record is given the rejected token while its replacement is minted', async () => {
  const environment = world.environment();
  await world.clock.run(environment.vend(REQUEST));
  const rejection = environment.reject(REJECTION);
  await world.clock.advance(10);
  const [here, elsewhere] = [environment.vend(REQUEST), world.environment().vend(REQUEST)];
  const answers = await world.clock.run(Promise.all([rejection, here, elsewhere]));
  expect(answers.map(({ token }) => token.value)).toEqual(['token-1', 'token-1', 'token-1']);
});

test('a rejection of a token that is no longer stored is answered with the stored one', async () => {
  const other = { ...REQUEST, tokenSha256: sha256('another') };
  expect((await world.clock.run(world.environment().reject(other))).token.value).toBe('stored');
  expect(world.minter.mints).toBe(0);
});

test('a rejection reads the table, whatever this environment remembers', async () => {
  const environment = world.environment();
  await world.clock.run(environment.vend(REQUEST));
  world.store({ value: 'replaced', id: 'replaced-id' });
  expect((await world.clock.run(environment.reject(REJECTION))).token.value).toBe('replaced');
});

test('a second rejection within 30 s is refused and leaves the record as it is', async () => {
  await world.clock.run(world.environment().reject(REJECTION));
  const before = world.table.peek('default');
  const again = world.environment().reject({ ...REQUEST, tokenSha256: sha256('token-1') });
  await expect(world.clock.run(again)).rejects.toMatchObject({ code: 'rejection_too_soon', retryAfter: 30 });
  expect(world.table.peek('default')).toBe(before);
  expect((await world.clock.run(world.environment().vend(REQUEST))).token.value).toBe('token-1');
  await world.clock.advance(30_000);
  const later = world.environment().reject({ ...REQUEST, tokenSha256: sha256('token-1') });
  expect((await world.clock.run(later)).token.value).toBe('token-2');
});

describe('when Fiskil hands out the same string again', () => {
  beforeEach(() => {
    world.minter.answer = () => ({ token: 'stored', expiresIn: 900 });
  });

  test('the caller is told, the token stays rejected, and the backoff applies', async () => {
    expect(await world.clock.run(codeOf(world.environment().reject(REJECTION)))).toBe('invalid_upstream_answer');
    expect(world.table.peek('default')).toMatchObject({
      token: { rejected: true },
      failure: { code: 'invalid_upstream_answer', count: 1 },
    });
    world.minter.answer = undefined;
    expect((await world.clock.run(world.environment().vend(REQUEST))).token.value).toBe('token-2');
  });

  test('also where the rejection came while the mint was in flight', async () => {
    world.store({ secondsLeft: 100 });
    const refresh = codeOf(world.environment().vend(REQUEST));
    await world.clock.advance(10);
    const rejection = codeOf(world.environment().reject(REJECTION));
    const codes = await world.clock.run(Promise.all([refresh, rejection]));
    expect(codes).toEqual(['invalid_upstream_answer', 'invalid_upstream_answer']);
    expect(world.minter.mints).toBe(1);
    const reason = 'the rejected token was handed out again';
    expect(world.factsOf('mint_failed')).toMatchObject([{ cause: 'vend', code: 'invalid_upstream_answer', reason }]);
    expect(world.table.peek('default')?.lease).toBeUndefined();
    expect(world.table.peek('default')?.token?.rejected).toBe(true);
  });
});

test('a rejection while Fiskil throttles marks the token, mints nothing, and says when to come back', async () => {
  world.table.put('default', {
    ...world.table.peek('default'),
    failure: { code: 'upstream_throttled', retryAt: START + 60_000, count: 1 },
  });
  const call = world.environment().reject(REJECTION);
  await expect(world.clock.run(call)).rejects.toMatchObject({ code: 'upstream_throttled', retryAfter: 60 });
  expect(world.table.peek('default')?.token?.rejected).toBe(true);
  expect(world.minter.mints).toBe(0);
});

test('a table that is asked too often delays a rejection, and does not lose it', async () => {
  const { table } = world;
  let throttles = 3;
  const throttled = Object.create(table, {
    acquire: {
      value: async (...args: Parameters<typeof table.acquire>) => {
        if (throttles-- > 0) {
          throw new StoreThrottled();
        }
        return table.acquire(...args);
      },
    },
  });
  const vended = await world.clock.run(world.environment(throttled).reject(REJECTION));
  expect(vended.token.value).toBe('token-1');
  expect(vended.at - START).toBe(50 + 80 + 128 + 350);
});

test('a mark that is throttled is tried again', async () => {
  const { table } = world;
  world.store({ secondsLeft: 100 });
  let throttles = 2;
  const throttled = Object.create(table, {
    mark: {
      value: async (...args: Parameters<typeof table.mark>) => {
        if (throttles-- > 0) {
          throw new StoreThrottled();
        }
        return table.mark(...args);
      },
    },
  });
  const refresh = world.environment().vend(REQUEST);
  await world.clock.advance(10);
  const [rejected] = await world.clock.run(Promise.all([world.environment(throttled).reject(REJECTION), refresh]));
  expect(rejected.token.value).toBe('token-1');
});
