import { beforeEach, describe, expect, test } from '@jest/globals';
import { StoreThrottled } from '../../lambda/record/store-errors';
import { VendingError } from '../../lambda/vending/errors';
import { hooked } from './faulty-table';
import { codeOf, START, World } from './world';

const REQUEST = { credential: 'default' };
const PAIR_2 = { clientId: 'id-2', clientSecret: 'secret-2' };

let world: World;
beforeEach(() => {
  world = new World();
});

const tick = () => world.clock.run(world.environment().tick(['default']));
const stored = () => world.table.peek('default')?.token;

describe('a tick', () => {
  test('replaces a token that is in use before any caller has to, and leaves it unvended', async () => {
    world.store({ secondsLeft: 299 });
    await tick();
    expect(stored()).toMatchObject({ value: 'token-1', vended: false });
    // No rejection asked for it, so none that comes now is too soon.
    expect(world.table.peek('default')?.forcedAt).toBeUndefined();
    expect(world.factsOf('minted')).toMatchObject([{ cause: 'tick' }]);
    expect(world.factsOf('waited')).toEqual([]);
  });

  test('mints nothing for a token that nobody was given', async () => {
    world.store({ secondsLeft: 299, vended: false });
    await tick();
    expect(world.minter.mints).toBe(0);
  });

  test('of two environments in one instant mints once', async () => {
    world.store({ secondsLeft: 299 });
    await world.clock.run(Promise.all([world.environment().tick(['default']), world.environment().tick(['default'])]));
    expect(world.minter.mints).toBe(1);
  });

  test('with callers at the same time mints once, and the next ones get its token', async () => {
    world.store({ secondsLeft: 299 });
    const ticking = world.environment().tick(['default']);
    await world.clock.run(Promise.all(Array.from({ length: 50 }, () => world.environment().vend(REQUEST))));
    await world.clock.run(ticking);
    expect((await world.vend()).token.value).toBe(world.minter.newest);
    expect(world.minter.mints).toBe(1);
  });

  test('ends normally when the mint fails, and remembers that', async () => {
    world.store({ secondsLeft: 299 });
    world.minter.fail('upstream_unavailable');
    await tick();
    expect(stored()?.value).toBe('stored');
    expect(world.table.peek('default')?.failure).toMatchObject({ code: 'upstream_unavailable' });
  });

  test('tells that the table is asked too often', async () => {
    const throttled = hooked(world.table, { read: () => Promise.reject(new StoreThrottled()) });
    await world.clock.run(world.environment(throttled).tick(['default']));
    expect(world.factsOf('tick_failed')).toMatchObject([{ code: 'token_pending', reason: 'the table throttles' }]);
  });

  test('of one credential goes on when another fails', async () => {
    world.store({ secondsLeft: 299 });
    const broken = hooked(world.table, {
      read: async (operate, { credential }) => {
        if (credential === 'broken') {
          throw new RangeError('secret-1');
        }
        return operate();
      },
    });
    await world.clock.run(world.environment(broken).tick(['broken', 'default']));
    expect(stored()?.value).toBe('token-1');
    expect(world.factsOf('tick_failed')).toEqual([
      {
        kind: 'tick_failed',
        credential: 'broken',
        code: 'internal_error',
        reason: 'RangeError',
        thrown: expect.any(RangeError),
      },
    ]);
  });
});

describe('an unconfigured secret', () => {
  beforeEach(() => {
    world.secrets.failure = new VendingError('credential_not_configured', 'test');
  });

  test('is quiet while nobody uses the credential', async () => {
    await tick();
    expect(world.facts).toEqual([{ kind: 'ticked', credential: 'default' }]);
  });

  test('is told of while a token made with its earlier value is still served', async () => {
    world.store();
    await tick();
    expect(world.factsOf('tick_failed')).toMatchObject([{ code: 'credential_not_configured' }]);
    expect((await world.vend()).token.value).toBe('stored');
  });
});

test.each([
  ['is in use', () => world.store({ secondsLeft: 299 })],
  ['is not', () => undefined],
])(
  'Secrets Manager away is told of, by an environment that has never read the pair, where the credential %s',
  async (_, store) => {
    store();
    world.secrets.failure = new VendingError('secret_unavailable', 'test', undefined, 'ECONNREFUSED');
    await tick();
    expect(world.factsOf('tick_failed')).toMatchObject([{ code: 'secret_unavailable', reason: 'ECONNREFUSED' }]);
  },
);

describe('a new version of the secret', () => {
  test('with another pair is minted with and swapped in, vended or not', async () => {
    world.store({ vended: false });
    world.secrets.edit('v2', PAIR_2);
    await tick();
    expect(world.minter.pairs).toEqual([PAIR_2]);
    expect(stored()).toMatchObject({ value: 'token-1', clientId: 'id-2', secretVersion: 'v2' });
  });

  test('with the same pair only has its version written', async () => {
    const before = world.store();
    world.secrets.edit('v2', { clientId: 'id-1', clientSecret: 'secret-1' });
    await tick();
    expect(world.minter.mints).toBe(0);
    expect(stored()).toEqual({ ...before, secretVersion: 'v2' });
  });

  test('with the same pair does not keep an old token from being replaced in the same tick', async () => {
    world.store({ secondsLeft: 299 });
    world.secrets.edit('v2', { clientId: 'id-1', clientSecret: 'secret-1' });
    await tick();
    expect(stored()).toMatchObject({ value: 'token-1', secretVersion: 'v2' });
  });

  test('with the same pair mints nothing over a token that came with a later one meanwhile', async () => {
    world.store();
    world.secrets.edit('v2', { clientId: 'id-1', clientSecret: 'secret-1' });
    const version = world.secrets.version.bind(world.secrets);
    world.secrets.version = async (...args) => {
      if (args[1] === 'v1') {
        world.store({ value: 'newer', id: 'newer-id', secretVersion: 'v3' });
      }
      return version(...args);
    };
    await tick();
    expect(world.minter.mints).toBe(0);
    expect(stored()).toMatchObject({ value: 'newer', secretVersion: 'v3' });
  });

  test.each([
    ['client_id', { clientId: 'id-2', clientSecret: 'secret-1' }],
    ['client_secret', { clientId: 'id-1', clientSecret: 'secret-2' }],
  ])('that differs only in %s is another pair', async (_, pair) => {
    world.store();
    world.secrets.edit('v2', pair);
    await tick();
    expect(world.minter.pairs).toEqual([pair]);
  });

  test('is minted with where the old one can no longer be read', async () => {
    world.store({ secretVersion: 'gone' });
    await tick();
    expect(stored()?.secretVersion).toBe('v1');
    expect(world.minter.mints).toBe(1);
  });

  test('that Fiskil refuses never displaces a working token, and the next edit heals it', async () => {
    world.store();
    world.minter.fail('credentials_rejected');
    world.secrets.edit('v2', PAIR_2);
    await tick();
    await tick();
    expect(world.minter.mints).toBe(1);
    expect(stored()?.value).toBe('stored');
    expect((await world.vend()).token.value).toBe('stored');
    world.minter.answer = undefined;
    world.secrets.edit('v3', { clientId: 'id-3', clientSecret: 'secret-3' });
    await tick();
    expect(stored()).toMatchObject({ clientId: 'id-3', secretVersion: 'v3' });
  });

  test('heals a credential whose token is gone, before anybody asks again', async () => {
    world.minter.fail('credentials_rejected');
    await codeOf(world.vend());
    world.minter.answer = undefined;
    world.secrets.edit('v2', PAIR_2);
    await tick();
    expect(stored()).toMatchObject({ clientId: 'id-2' });
  });
});

test('a tick decides on the record as it is after the secret was read, which can take 3 s', async () => {
  world.store({ secondsLeft: 299 });
  const current = world.secrets.current.bind(world.secrets);
  world.secrets.current = async () => {
    await world.clock.sleep(3_000);
    return current();
  };
  const call = world.environment().tick(['default']);
  await world.clock.advance(1_000);
  const retryAt = START + 30_000;
  const failure = { code: 'upstream_unavailable' as const, count: 5, retryAt };
  world.table.put('default', { ...world.table.peek('default'), failure });
  await world.clock.run(call);
  expect(world.minter.mints).toBe(0);
});

test('with a tick every minute and constant use, a day costs one mint a life and nobody ever waits', async () => {
  await world.vend();
  world.facts.length = 0;
  for (let minute = 0; minute < 24 * 60; minute++) {
    await world.clock.advance(60_000 - ((world.clock.now() - START) % 60_000));
    await tick();
    await world.vend();
  }
  expect(world.factsOf('waited')).toEqual([]);
  // A token is replaced at the first tick in the last third of its life: after 11 minutes of 15.
  expect(world.minter.mints).toBe(1 + Math.floor((24 * 60) / 11));
});

describe('the sign of life', () => {
  test('is given at each tick, with the age of the current version', async () => {
    world.secrets.createdAt = START - 90 * 86_400_000;
    await tick();
    expect(world.facts).toEqual([{ kind: 'ticked', credential: 'default', secretAgeMs: 90 * 86_400_000 }]);
  });

  test('is given by a tick that failed as well, and tells the age where a mint failed', async () => {
    world.store({ secondsLeft: 299 });
    world.secrets.createdAt = START - 5_000;
    world.minter.fail('credentials_rejected');
    await tick();
    expect(world.factsOf('ticked')).toMatchObject([{ secretAgeMs: 5_000 + world.minter.latency }]);
    world.secrets.failure = new VendingError('credential_not_configured', 'The secret is not JSON.');
    await tick();
    expect(world.factsOf('ticked')[1]).toEqual({ kind: 'ticked', credential: 'default' });
  });
});
