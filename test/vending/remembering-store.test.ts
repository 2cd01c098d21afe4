import { beforeEach, describe, expect, test } from '@jest/globals';
import { StoreThrottled, StoreUnreachable } from '../../lambda/record/store-errors';
import type { RecordStore } from '../../lambda/record/types';
import { sha256 } from '../../lambda/sha256';
import type { Engine } from '../../lambda/vending/engine';
import { VendingError } from '../../lambda/vending/errors';
import type { Vended } from '../../lambda/vending/vended';
import { FaultyTable, hooked } from './faulty-table';
import { codeOf, START, World } from './world';

const REQUEST = { credential: 'default' };

let world: World;
let table: FaultyTable;
let store: RecordStore;
beforeEach(() => {
  world = new World();
  table = new FaultyTable(world.table);
  store = table.store;
});

const outage = () => table.failAll();

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
    expect(table.asked).toBe(1);
    expect(world.factsOf('table_unreachable')).toHaveLength(1);
    await world.clock.advance(10_000);
    await world.clock.run(environment.vend(REQUEST));
    expect(table.asked).toBe(2);
    expect(world.factsOf('table_unreachable')).toHaveLength(2);
  });

  test('a clock that was set back does not make that longer', async () => {
    outage();
    const environment = world.environment(store);
    await world.clock.run(environment.vend(REQUEST));
    table.failing.clear();
    world.clock.set(START - 60_000);
    await world.clock.run(environment.vend(REQUEST));
    expect(table.asked).toBeGreaterThan(1);
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
    table.failing.add('publish');
    const environment = world.environment(store);
    expect((await world.clock.run(environment.vend(REQUEST))).source).toBe('mint');
    expect((await world.clock.run(environment.vend(REQUEST))).source).toBe('memory');
    expect(world.minter.mints).toBe(1);
  });

  test('so is one that was to take the place of an old token', async () => {
    world.store({ secondsLeft: 100 });
    table.failing.add('publish');
    expect(await world.clock.run(world.environment(store).vend(REQUEST))).toMatchObject({
      source: 'mint',
      token: { value: 'token-1' },
    });
  });

  describe('the outcome of a mint that began before the outage is kept in memory', () => {
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

  test.each(['refused', 'throttled'])(
    'a second call whose acquire is %s does not cost the first its token',
    async (how) => {
      world.minter.latency = 6_000;
      const environment = world.environment(store);
      const reads: (() => void)[] = [];
      table.before = ({ operation }) =>
        operation === 'read' ? new Promise((go) => reads.push(() => go(undefined))) : Promise.resolve();
      const [first, second] = [environment.vend(REQUEST), environment.vend(REQUEST)];
      await world.clock.advance(1);
      // Both have read that there is no lease. The first takes it.
      table.before = undefined;
      reads[0]?.();
      await world.clock.advance(1);
      if (how === 'throttled') {
        table.failing.add('acquire');
        table.failure = () => new StoreThrottled();
      }
      reads[1]?.();
      await world.clock.advance(1);
      table.failure = () => new StoreUnreachable('InternalServerError');
      outage();
      const vended = await world.clock.run(Promise.all([first, second]));
      expect(vended.map(({ token }) => token.value)).toEqual(['token-1', 'token-1']);
      expect(world.minter.mints).toBe(1);
    },
  );

  test('a lease is not waited for if its acquire was answered by a throttle, although the table took it', async () => {
    const echoes = hooked(store, {
      acquire: async (operate) => {
        await operate();
        throw new StoreThrottled();
      },
    });
    const call = world.environment(echoes).vend(REQUEST);
    await world.clock.advance(500);
    expect(world.table.peek('default')?.lease).toBeDefined();
    outage();
    await world.clock.run(call);
    expect(world.clock.now() - START).toBeLessThan(2_000);
  });

  test('a clock that is set back makes no lease and no failure of memory last longer', async () => {
    world.minter.latency = 6_000;
    const environment = world.environment(store);
    void environment.vend(REQUEST).catch(() => undefined);
    await world.clock.advance(100);
    outage();
    world.clock.set(START - 3_600_000);
    await world.clock.advance(1);
    world.minter.latency = 350;
    const before = world.clock.now();
    const vended = await world.clock.run(environment.vend(REQUEST));
    expect(vended.at - before).toBeLessThan(1_000);
  });

  test('what the table answers after the clock is set back is remembered all the same', async () => {
    world.store({ secondsLeft: 300 });
    const environment = world.environment(store);
    await world.clock.run(environment.vend(REQUEST));
    world.clock.set(START - 60_000);
    world.store({ value: 'newer', id: 'newer-id' });
    await world.clock.run(environment.vend(REQUEST));
    outage();
    expect((await world.clock.run(environment.vend({ ...REQUEST, minTtl: 400 }))).token.value).toBe('newer');
  });

  test('a token that could not be published is published as soon as the table is back', async () => {
    world.store({ secondsLeft: 600 });
    table.failing.add('publish');
    const environment = world.environment(store);
    const tokenSha256 = sha256('stored');
    const { token } = await world.clock.run(environment.reject({ ...REQUEST, tokenSha256 }));
    expect(token.value).toBe('token-1');
    expect(world.table.peek('default')?.token?.value).toBe('stored');
    table.failing.clear();
    await world.clock.advance(10_500);
    expect((await world.clock.run(environment.vend(REQUEST))).token.value).toBe('token-1');
    expect((await world.vend()).token.value).toBe('token-1');
    expect(world.minter.mints).toBe(1);
  });

  test('but not in place of what another environment has published meanwhile', async () => {
    table.failing.add('publish');
    const environment = world.environment(store);
    await world.clock.run(environment.vend(REQUEST));
    table.failing.clear();
    await world.clock.advance(18_500);
    expect((await world.vend()).token.value).toBe('token-2');
    expect((await world.clock.run(environment.vend(REQUEST))).token.value).toBe('token-2');
    expect(world.table.peek('default')?.token?.value).toBe('token-2');
  });

  test('its own mint under way is waited for, and not repeated', async () => {
    world.minter.latency = 6_000;
    const environment = world.environment(store);
    const first = environment.vend(REQUEST);
    await world.clock.advance(100);
    outage();
    const vended = await world.clock.run(Promise.all([first, environment.vend(REQUEST)]));
    expect(vended.map(({ token }) => token.value)).toEqual(['token-1', 'token-1']);
    expect(world.minter.mints).toBe(1);
  });

  test('a failure that can no longer be stored is still this environment’s', async () => {
    table.failing.add('release');
    world.minter.fail('upstream_throttled', 60);
    const environment = world.environment(store);
    await world.clock.run(codeOf(environment.vend(REQUEST)));
    expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('upstream_throttled');
    expect(world.minter.mints).toBe(1);
  });

  test('a mint that fails late does not end the newer one of this environment', async () => {
    world.store({ secondsLeft: 100 });
    const environment = world.environment(store);
    world.minter.latency = 25_000;
    world.minter.answer = (n) =>
      n === 1 ? new VendingError('upstream_unavailable', 'test') : { token: `token-${n}`, expiresIn: 900 };
    // Its lease was taken at the table and has run out; the next one can only be taken in memory.
    await world.clock.run(environment.vend(REQUEST));
    outage();
    await world.clock.advance(17_000);
    world.minter.latency = 8_000;
    const newer = environment.vend({ ...REQUEST, minTtl: 200 });
    await world.clock.advance(7_000);
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
    table.failing.clear();
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

test.each(['read', 'acquire'] as const)(
  'what should not happen in %s is told at once, and is not taken for a throttle',
  async (operation) => {
    table.failure = () => new TypeError('test');
    table.failing.add(operation);
    await expect(world.clock.run(world.environment(store).vend(REQUEST))).rejects.toThrow(TypeError);
    expect(world.clock.now()).toBe(START);
  },
);

test('two looks in one instant that find the same token are both believed', async () => {
  world.store();
  const environment = world.environment(store);
  await world.clock.run(Promise.all([environment.vend(REQUEST), environment.vend(REQUEST)]));
  expect(table.asked).toBe(2);
});
