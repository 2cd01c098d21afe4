import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Engine } from '../../lambda/vending/engine';
import { StoreThrottled, StoreUnreachable, VendingError } from '../../lambda/vending/errors';
import type { RecordStore } from '../../lambda/vending/types';
import type { Vended } from '../../lambda/vending/vended';
import { codeOf, START, World } from './world';

const REQUEST = { credential: 'default' };
const OPERATIONS = ['read', 'acquire', 'publish', 'release', 'mark'] as const;

let world: World;
let failing: Set<(typeof OPERATIONS)[number]>;
let failure: () => Error;
let asked: number;
let store: RecordStore;
beforeEach(() => {
  world = new World();
  failing = new Set();
  failure = () => new StoreUnreachable('InternalServerError');
  asked = 0;
  const faulty = (operation: (typeof OPERATIONS)[number]) => ({
    value: async (...args: unknown[]) => {
      asked++;
      if (failing.has(operation)) {
        throw failure();
      }
      return (world.table[operation] as (...args: unknown[]) => unknown)(...args);
    },
  });
  store = Object.create(null, Object.fromEntries(OPERATIONS.map((operation) => [operation, faulty(operation)])));
});

const outage = () => {
  failing = new Set(OPERATIONS);
};

describe('with the table out of reach', () => {
  test('an environment mints for itself, once, and keeps the token', async () => {
    outage();
    const environment = world.environment(store);
    const vended = await world.clock.run(Promise.all([environment.vend(REQUEST), environment.vend(REQUEST)]));
    expect(vended.map(({ token }) => token.value)).toEqual(['token-1', 'token-1']);
    expect((await world.clock.run(environment.vend(REQUEST))).source).toBe('memory');
    expect(world.minter.mints).toBe(1);
    expect(world.factsOf('table_unreachable')).toMatchObject([
      { credential: 'default', reason: 'InternalServerError' },
    ]);
  });

  test('it is left alone for 10 s', async () => {
    outage();
    const environment = world.environment(store);
    await world.clock.run(environment.vend(REQUEST));
    expect(asked).toBe(1);
    expect(world.factsOf('table_unreachable')).toHaveLength(1);
    await world.clock.advance(10_000);
    await world.clock.run(environment.vend(REQUEST));
    expect(asked).toBe(2);
    expect(world.factsOf('table_unreachable')).toHaveLength(2);
  });

  test('a clock that was set back does not make that longer', async () => {
    outage();
    const environment = world.environment(store);
    await world.clock.run(environment.vend(REQUEST));
    failing.clear();
    world.clock.set(START - 60_000);
    await world.clock.run(environment.vend(REQUEST));
    expect(asked).toBeGreaterThan(1);
  });

  test('what was remembered is served to its last usable second', async () => {
    world.store({ secondsLeft: 100 });
    const environment = world.environment(store);
    world.minter.fail('upstream_unavailable');
    await world.clock.run(environment.vend(REQUEST));
    outage();
    await world.clock.advance(90_000 - (world.clock.now() - START));
    expect(await world.clock.run(environment.vend(REQUEST))).toMatchObject({
      source: 'memory',
      token: { value: 'stored' },
    });
    await world.clock.advance(3_000);
    expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('upstream_unavailable');
  });

  test("another's lease that was seen before is not waited for", async () => {
    world.table.put('default', { lease: { id: 'another', until: START + 18_000 } });
    const environment = world.environment(store);
    const call = environment.vend(REQUEST);
    await world.clock.advance(10);
    outage();
    const vended = await world.clock.run(call);
    expect(vended.at - START).toBeLessThan(1_000);
  });

  test('the pair is refused once, and then there is a backoff here too', async () => {
    outage();
    world.minter.fail('credentials_rejected');
    const environment = world.environment(store);
    await world.clock.run(codeOf(environment.vend(REQUEST)));
    await world.clock.run(codeOf(environment.vend(REQUEST)));
    expect(world.minter.mints).toBe(1);
  });

  test('a token that can no longer be published is still this environment’s', async () => {
    failing.add('publish');
    const environment = world.environment(store);
    expect((await world.clock.run(environment.vend(REQUEST))).source).toBe('mint');
    expect((await world.clock.run(environment.vend(REQUEST))).source).toBe('memory');
    expect(world.minter.mints).toBe(1);
  });

  test('so is one that was to take the place of an old token', async () => {
    world.store({ secondsLeft: 100 });
    failing.add('publish');
    expect(await world.clock.run(world.environment(store).vend(REQUEST))).toMatchObject({
      source: 'mint',
      token: { value: 'token-1' },
    });
  });

  describe('what comes of a mint that was begun before is still this environment’s, though nobody asks the table any more', () => {
    /** A mint of 6 s; while it is under way, a call for another credential finds the table out of reach. */
    async function mintBegunBefore(environment: Engine): Promise<Vended> {
      world.minter.latency = 6_000;
      const call = environment.vend(REQUEST);
      await world.clock.advance(100);
      outage();
      await world.clock.run(environment.vend({ credential: 'other' }));
      return call;
    }

    test('a token', async () => {
      expect(await mintBegunBefore(world.environment(store))).toMatchObject({
        source: 'mint',
        token: { value: 'token-1' },
      });
      expect(world.minter.mints).toBe(2);
    });

    test('a failure', async () => {
      world.minter.answer = (n) =>
        n === 1 ? new VendingError('upstream_throttled', 'test', 60) : { token: `token-${n}`, expiresIn: 900 };
      const environment = world.environment(store);
      expect(await codeOf(mintBegunBefore(environment))).toBe('upstream_throttled');
      expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('upstream_throttled');
      expect(world.minter.mints).toBe(2);
    });
  });

  test('a failure that can no longer be stored is still this environment’s', async () => {
    failing.add('release');
    world.minter.fail('upstream_throttled', 60);
    const environment = world.environment(store);
    await world.clock.run(codeOf(environment.vend(REQUEST)));
    expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('upstream_throttled');
    expect(world.minter.mints).toBe(1);
  });

  test('a mint that fails late does not end the newer one of this environment', async () => {
    world.store({ secondsLeft: 100 });
    const environment = world.environment(store);
    world.minter.latency = 6_000;
    world.minter.answer = (n) =>
      n === 1 ? new VendingError('upstream_unavailable', 'test') : { token: `token-${n}`, expiresIn: 900 };
    // Its lease was taken at the table; the next one can only be taken in memory.
    await world.clock.run(environment.vend(REQUEST));
    outage();
    const newer = environment.vend({ ...REQUEST, minTtl: 200 });
    await world.clock.advance(5_000);
    const waiting = environment.vend({ ...REQUEST, minTtl: 200 });
    const vended = await world.clock.run(Promise.all([newer, waiting]));
    expect(vended.map(({ token }) => token.value)).toEqual(['token-2', 'token-2']);
    expect(world.factsOf('mint_failed')).toHaveLength(1);
    expect(world.minter.mints).toBe(2);
  });

  test('a mint that comes late does not replace what this environment minted since', async () => {
    outage();
    world.store({ secondsLeft: 100 });
    const environment = world.environment(store);
    failing.clear();
    world.minter.latency = 25_000;
    await world.clock.run(environment.vend(REQUEST));
    world.minter.latency = 350;
    outage();
    await world.clock.advance(100_000 - (world.clock.now() - START) - 84_000);
    await world.clock.run(environment.vend({ ...REQUEST, minTtl: 200 }));
    expect((await world.clock.run(environment.vend(REQUEST))).token.value).toBe('token-2');
    await world.clock.advance(30_000);
    expect((await world.clock.run(environment.vend(REQUEST))).token.value).toBe('token-2');
  });
});

describe('with the table asked too often', () => {
  beforeEach(() => {
    failure = () => new StoreThrottled();
  });

  test('a read falls back on what is remembered, however old', async () => {
    world.store();
    const environment = world.environment(store);
    await world.clock.run(environment.vend(REQUEST));
    failing.add('read');
    await world.clock.advance(60_000);
    expect(await world.clock.run(environment.vend(REQUEST))).toMatchObject({
      source: 'memory',
      token: { value: 'stored' },
    });
  });

  test('a read that has nothing to fall back on is repeated until the time is up', async () => {
    failing.add('read');
    expect(await world.clock.run(codeOf(world.environment(store).vend(REQUEST)))).toBe('token_pending');
    expect(world.clock.now() - START).toBe(22_000);
    expect(world.factsOf('table_unreachable')).toEqual([]);
  });

  test('an acquire is a lost race: with a token it is served, without one it is tried again', async () => {
    failing.add('acquire');
    world.store({ secondsLeft: 100 });
    const served = await world.clock.run(world.environment(store).vend(REQUEST));
    expect(served).toMatchObject({ at: START, token: { value: 'stored' } });
    expect(world.minter.mints).toBe(0);
    world.table.put('default', undefined);
    const call = world.environment(store).vend(REQUEST);
    await world.clock.advance(500);
    failing.clear();
    expect((await world.clock.run(call)).source).toBe('mint');
  });

  test('a token in hand is published as soon as the table lets it', async () => {
    failing.add('publish');
    const call = world.environment(store).vend(REQUEST);
    await world.clock.advance(1_500);
    failing.clear();
    expect((await world.clock.run(call)).source).toBe('mint');
    expect(world.table.peek('default')?.token?.value).toBe('token-1');
  });

  test('a token that cannot be published in time is at least given to the one who waits', async () => {
    failing.add('publish');
    const vended = await world.clock.run(world.environment(store).vend(REQUEST));
    expect(vended.token.value).toBe('token-1');
    expect(vended.at - START).toBeLessThanOrEqual(22_000);
    expect(world.factsOf('minted')).toHaveLength(1);
  });

  test('a refresh that failed and cannot say so is silent too', async () => {
    failing.add('release');
    world.store({ secondsLeft: 100 });
    world.minter.fail('upstream_unavailable');
    expect((await world.clock.run(world.environment(store).vend(REQUEST))).token.value).toBe('stored');
  });

  test('a token that cannot be marked is served all the same', async () => {
    failing.add('mark');
    world.store({ vended: false });
    expect((await world.clock.run(world.environment(store).vend(REQUEST))).token.value).toBe('stored');
  });
});

test.each(['read', 'acquire'] as const)(
  'what should not happen in %s is told at once, and is not taken for a throttle',
  async (operation) => {
    failure = () => new TypeError('test');
    failing.add(operation);
    await expect(world.clock.run(world.environment(store).vend(REQUEST))).rejects.toThrow(TypeError);
    expect(world.clock.now()).toBe(START);
  },
);

test('two looks in one instant that find the same token are both believed', async () => {
  world.store();
  const environment = world.environment(store);
  await world.clock.run(Promise.all([environment.vend(REQUEST), environment.vend(REQUEST)]));
  expect(asked).toBe(2);
});
