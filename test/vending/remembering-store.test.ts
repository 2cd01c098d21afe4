import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordStore } from '../../lambda/record/types';
import type { Engine } from '../../lambda/vending/engine';
import { VendingError } from '../../lambda/vending/errors';
import type { Vended } from '../../lambda/vending/vended';
import { FaultyTable } from './faulty-table';
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
