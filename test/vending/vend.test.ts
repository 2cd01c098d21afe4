import { beforeEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../lambda/sha256';
import { hooked } from './faulty-table';
import { codeOf, START, World } from './world';

const REQUEST = { credential: 'default' };

let world: World;
beforeEach(() => {
  world = new World();
});

describe('a cold fleet', () => {
  test('mints once for a hundred environments that ask in the same instant', async () => {
    const calls = Array.from({ length: 100 }, () => world.environment().vend(REQUEST));
    const vended = await world.clock.run(Promise.all(calls));
    expect(world.minter.mints).toBe(1);
    expect(new Set(vended.map(({ token }) => token.value))).toEqual(new Set(['token-1']));
    expect(vended.filter(({ source }) => source === 'mint')).toHaveLength(1);
    expect(world.factsOf('waited')).toHaveLength(100);
    expect(world.secrets.reads).toBe(1);
  });

  test('stores what Fiskil said, counted from the second in which the request was sent, however late in it', async () => {
    world.clock.set(START + 999);
    await world.vend();
    expect(world.table.peek('default')).toEqual({
      tokenId: 'id-1',
      token: {
        value: 'token-1',
        clientId: 'id-1',
        issuedAt: START / 1_000,
        expiresAt: START / 1_000 + 900,
        id: 'id-1',
        secretVersion: 'v1',
        vended: true,
      },
    });
  });

  test('tells that its callers waited, and what was minted', async () => {
    await world.vend();
    expect(world.factsOf('waited')).toEqual([{ kind: 'waited', credential: 'default', durationMs: 350 }]);
    expect(world.factsOf('minted')).toEqual([
      {
        kind: 'minted',
        credential: 'default',
        cause: 'vend',
        durationMs: 350,
        expiresAt: START / 1_000 + 900,
        tokenSha256: sha256('token-1'),
        secretVersion: 'v1',
      },
    ]);
  });
});

describe('a vend from memory', () => {
  test('asks neither the table nor Fiskil for 10 s', async () => {
    const environment = world.environment();
    await world.clock.run(environment.vend(REQUEST));
    expect(await world.clock.run(environment.vend(REQUEST))).toMatchObject({ source: 'memory' });
    world.table.put('default', undefined);
    await world.clock.advance(9_000);
    expect(await world.clock.run(environment.vend(REQUEST))).toMatchObject({ source: 'memory', at: world.clock.now() });
    await world.clock.advance(1_000);
    expect(await world.clock.run(environment.vend(REQUEST))).toMatchObject({ source: 'mint' });
  });

  test('ends where a caller would like more life than is left', async () => {
    world.store({ secondsLeft: 63.5 });
    const environment = world.environment();
    world.minter.fail('upstream_unavailable');
    expect((await world.clock.run(environment.vend(REQUEST))).source).toBe('table');
    // Below the preferred 60 s the table may know better.
    world.table.put('default', {
      ...world.table.peek('default'),
      token: world.store({ value: 'newer', secondsLeft: 900 }),
    });
    expect((await world.clock.run(environment.vend(REQUEST))).token.value).toBe('newer');
  });

  test('never gives a token with less than was asked for', async () => {
    world.store({ secondsLeft: 500 });
    const environment = world.environment();
    await world.clock.run(environment.vend(REQUEST));
    const vended = await world.clock.run(environment.vend({ ...REQUEST, minTtl: 600 }));
    expect(vended.token.value).toBe('token-1');
  });

  test('does not count as young after the clock is set back', async () => {
    world.store();
    const environment = world.environment();
    await world.clock.run(environment.vend(REQUEST));
    world.clock.set(START - 60_000);
    expect((await world.clock.run(environment.vend(REQUEST))).source).toBe('table');
  });
});

describe('a vend from the table', () => {
  test('marks the token as vended before it vends it', async () => {
    world.store({ vended: false });
    const vended = await world.vend();
    expect(vended.source).toBe('table');
    expect(world.table.peek('default')?.token?.vended).toBe(true);
  });

  test('judges the token again after the mark, which may have taken its time', async () => {
    world.store({ vended: false, secondsLeft: 10 });
    const slow = hooked(world.table, { mark: (operate) => world.clock.sleep(3_000).then(operate) });
    world.minter.fail('upstream_unavailable');
    expect(await world.clock.run(codeOf(world.environment(slow).vend(REQUEST)))).toBe('upstream_unavailable');
  });
});

describe('in the last fifth of a life', () => {
  test('one caller refreshes and all others are served at once', async () => {
    world.store({ secondsLeft: 170 });
    const winner = world.environment().vend(REQUEST);
    const losers = Array.from({ length: 20 }, () => world.environment().vend(REQUEST));
    const served = await Promise.all(losers);
    expect(world.clock.now()).toBe(START);
    expect(served.every(({ token }) => token.value === 'stored')).toBe(true);
    const vended = await world.clock.run(winner);
    expect(vended).toMatchObject({ source: 'mint', token: { value: 'token-1' } });
    expect(vended).not.toHaveProperty('behindFailure');
    expect((await world.vend()).token.value).toBe(world.minter.newest);
    expect(world.minter.mints).toBe(1);
  });

  test('the one who refreshes waits 2 s at most, and the mint goes on', async () => {
    world.store({ secondsLeft: 170 });
    world.minter.latency = 4_000;
    const vended = await world.vend();
    expect(vended.token.value).toBe('stored');
    expect(vended.at).toBe(START + 2_000);
    await world.clock.advance(3_000);
    expect(world.table.peek('default')?.token?.value).toBe('token-1');
  });

  test('a failed refresh is no failure to a caller, tells why the token is old, and holds everybody back', async () => {
    const token = world.store({ secondsLeft: 170 });
    world.minter.fail('upstream_unavailable');
    const served = { token, source: 'table', at: START + 350, behindFailure: 'upstream_unavailable' };
    expect(await world.vend()).toEqual(served);
    expect(await world.vend()).toEqual(served);
    expect(world.minter.mints).toBe(1);
    expect(world.table.peek('default')?.failure).toEqual({
      code: 'upstream_unavailable',
      retryAt: START + 350 + 1_000,
      count: 1,
      secretVersion: 'v1',
    });
  });
});

describe('waiting for another that mints', () => {
  const vendAfter = (until: number) => {
    world.table.put('default', { lease: { id: 'dead', until: START + until } });
    return world.vend();
  };

  test('ends with the lease: then the one who waits mints', async () => {
    const { source, at } = await vendAfter(18_000);
    expect(source).toBe('mint');
    expect(at).toBeGreaterThan(START + 18_000);
    expect(at).toBeLessThan(START + 18_600 + 350);
  });

  test('ends with the time of the request', async () => {
    await expect(vendAfter(22_000)).rejects.toMatchObject({ code: 'token_pending', retryAfter: 1 });
    expect(world.clock.now()).toBe(START + 22_000);
  });

  test('begins no mint that has no time left', async () => {
    expect(await codeOf(vendAfter(20_500))).toBe('token_pending');
    expect(world.minter.mints).toBe(0);
  });
});

test('a min_ttl beyond what Fiskil gives is refused, after one mint to learn what that is', async () => {
  const environment = world.environment();
  const call = environment.vend({ ...REQUEST, minTtl: 700 });
  await expect(world.clock.run(call)).rejects.toMatchObject({
    code: 'min_ttl_unattainable',
    detail: 'min_ttl can be at most 600: two thirds of the life that Fiskil gives its tokens.',
  });
  await world.clock.run(codeOf(environment.vend({ ...REQUEST, minTtl: 700 })));
  expect(world.minter.mints).toBe(1);
});
