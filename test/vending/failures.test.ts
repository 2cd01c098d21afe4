import { beforeEach, describe, expect, test } from '@jest/globals';
import { type ErrorCode, mintFailure } from '../../lambda/vending/errors';
import { codeOf, START, World } from './world';

const REQUEST = { credential: 'default' };

let world: World;
beforeEach(() => {
  world = new World();
});

async function failOnce(code: ErrorCode): Promise<void> {
  world.minter.fail(code);
  await codeOf(world.vend());
  world.minter.answer = undefined;
}

describe('when Fiskil fails and there is no token', () => {
  test('the caller whose mint failed gets the failure with the time to come back', async () => {
    world.minter.fail('upstream_unavailable');
    await expect(world.vend()).rejects.toMatchObject({ code: 'upstream_unavailable', retryAfter: 1 });
    expect(world.factsOf('mint_failed')).toEqual([
      {
        kind: 'mint_failed',
        credential: 'default',
        cause: 'vend',
        code: 'upstream_unavailable',
        reason: 'test',
        durationMs: 350,
      },
    ]);
  });

  test.each([
    ['credentials_rejected', 'check that the two values are not swapped'],
    ['invalid_upstream_answer', 'does not match its documentation'],
    ['upstream_unavailable', 'could not be reached'],
    ['upstream_throttled', 'limits the rate'],
    ['secret_unavailable', 'could not be read'],
  ] as const)('%s is told in words', async (code, words) => {
    world.minter.fail(code);
    await expect(world.vend()).rejects.toMatchObject({ code, detail: expect.stringContaining(words) });
  });

  test('those who waited for that mint get it too', async () => {
    world.minter.fail('invalid_upstream_answer');
    const calls = Array.from({ length: 10 }, () => codeOf(world.environment().vend(REQUEST)));
    expect(new Set(await world.clock.run(Promise.all(calls)))).toEqual(new Set(['invalid_upstream_answer']));
    expect(world.minter.mints).toBe(1);
  });

  test.each([
    [0, 0],
    // Half of the 50 ms over which they spread, so that they do not all ask in one instant.
    [0.5, 25],
  ])(
    'one who comes during the backoff waits through it and is served: with chance %d, %d ms later',
    async (chance, later) => {
      await failOnce('upstream_unavailable');
      world.chance = chance;
      const { token, at } = await world.vend();
      expect([token.value, at - START]).toEqual(['token-2', 350 + 1_000 + 1 + later + 350]);
    },
  );

  test('each failed mint counts on from the one before, and the backoff grows', async () => {
    world.store({ secondsLeft: 170 });
    world.minter.fail('upstream_unavailable');
    const pauses: number[] = [];
    for (let n = 1; n <= 4; n++) {
      await world.vend();
      const { count, retryAt = 0 } = world.table.peek('default')?.failure ?? {};
      expect(count).toBe(n);
      pauses.push(retryAt - world.clock.now());
      await world.clock.advance(retryAt - world.clock.now());
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  test('a throttle of a minute is answered at once, with its time', async () => {
    world.minter.fail('upstream_throttled', 60);
    await codeOf(world.vend());
    await expect(world.vend()).rejects.toMatchObject({ code: 'upstream_throttled', retryAfter: 60 });
    expect(world.minter.mints).toBe(1);
    // Only a refused pair is a reason to look whether the secret has changed.
    expect(world.secrets.reads).toBe(1);
  });

  test('a refused pair is not tried again before the secret changes, for which each call looks once', async () => {
    world.minter.fail('credentials_rejected');
    const environment = world.environment();
    for (let n = 0; n < 3; n++) {
      expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('credentials_rejected');
    }
    expect([world.minter.mints, world.secrets.reads]).toEqual([1, 3]);
    world.secrets.failure = mintFailure('secret_unavailable');
    expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('credentials_rejected');
    expect(world.minter.mints).toBe(1);
    world.secrets.failure = undefined;
    world.minter.answer = undefined;
    world.secrets.edit('v2', { clientId: 'id-2', clientSecret: 'secret-2' });
    expect((await world.clock.run(environment.vend(REQUEST))).token.clientId).toBe('id-2');
  });

  test('a refused pair is tried again after a minute', async () => {
    await failOnce('credentials_rejected');
    await world.clock.advance(60_000);
    expect((await world.vend()).source).toBe('mint');
  });

  test('a token that has no life left when it arrives is not published', async () => {
    world.minter.life = 5;
    world.minter.latency = 4_800;
    expect(await codeOf(world.vend())).toBe('upstream_unavailable');
    expect(world.table.peek('default')?.token).toBeUndefined();
    expect(world.factsOf('mint_failed')).toMatchObject([{ reason: 'no life left on arrival' }]);
  });

  test('a mint that was frozen past its own lease leaves no failure behind', async () => {
    world.minter.latency = 3 * 3_600_000;
    world.minter.fail('upstream_throttled', 999_999_999);
    await expect(world.vend()).rejects.toMatchObject({ code: 'upstream_throttled', retryAfter: 300 });
    expect(world.table.peek('default')).toEqual({});
  });

  test('a call mints only once, even if the token came too late for its min_ttl', async () => {
    world.minter.life = 30;
    world.minter.latency = 9_000;
    await expect(world.vend({ minTtl: 20 })).rejects.toMatchObject({ code: 'upstream_unavailable', retryAfter: 1 });
    expect(world.minter.mints).toBe(1);
  });
});

describe('Secrets Manager away', () => {
  const away = mintFailure('secret_unavailable');

  test('an environment that has read the pair goes on with it', async () => {
    const environment = world.environment();
    await world.clock.run(environment.vend(REQUEST));
    world.secrets.failure = away;
    world.table.put('default', undefined);
    await world.clock.advance(10_000);
    expect((await world.clock.run(environment.vend(REQUEST))).token.value).toBe('token-2');
  });

  test('another fails, and all back off', async () => {
    world.secrets.failure = away;
    expect(await codeOf(world.vend())).toBe('secret_unavailable');
    expect(world.table.peek('default')?.failure).toMatchObject({ code: 'secret_unavailable', count: 1 });
    expect(world.table.peek('default')?.failure?.secretVersion).toBeUndefined();
  });

  test('whoever comes when it is back is served at the end of the backoff', async () => {
    const environment = world.environment();
    world.secrets.failure = away;
    await world.clock.run(codeOf(environment.vend(REQUEST)));
    world.secrets.failure = undefined;
    expect((await world.clock.run(environment.vend(REQUEST))).at).toBe(START + 1_000 + 1 + 350);
  });
});

test('what should not happen is told as such, ends the lease, and leaves no failure behind', async () => {
  world.minter.answer = () => new TypeError('secret-1 is not a function');
  await expect(world.vend()).rejects.toMatchObject({
    code: 'internal_error',
    detail: 'The token service failed; its log has more under this request id.',
    reason: 'TypeError',
  });
  expect(world.factsOf('mint_failed')).toMatchObject([{ thrown: expect.any(TypeError) }]);
  expect(world.table.peek('default')).toEqual({});
});
