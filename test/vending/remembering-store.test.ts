import { beforeEach, describe, expect, test } from '@jest/globals';
import { StoreThrottled, StoreUnreachable } from '../../lambda/vending/errors';
import type { RecordStore } from '../../lambda/vending/types';
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
    await world.clock.advance(10_000);
    await world.clock.run(environment.vend(REQUEST));
    expect(asked).toBe(2);
  });

  test('what was remembered is served to its last usable second', async () => {
    world.store({ secondsLeft: 100 });
    const environment = world.environment(store);
    world.minter.fail('upstream_unavailable');
    await world.clock.run(environment.vend(REQUEST));
    outage();
    await world.clock.advance(90_000 - (world.clock.now() - START));
    expect((await world.clock.run(environment.vend(REQUEST))).token.value).toBe('stored');
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

  test('a failure that can no longer be stored is still this environment’s', async () => {
    failing.add('release');
    world.minter.fail('upstream_throttled', 60);
    const environment = world.environment(store);
    await world.clock.run(codeOf(environment.vend(REQUEST)));
    expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('upstream_throttled');
    expect(world.minter.mints).toBe(1);
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
    expect((await world.clock.run(world.environment(store).vend(REQUEST))).token.value).toBe('stored');
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
  });

  test('a token that cannot be marked is served all the same', async () => {
    failing.add('mark');
    world.store({ vended: false });
    expect((await world.clock.run(world.environment(store).vend(REQUEST))).token.value).toBe('stored');
  });
});

test('a slow read does not undo what was learnt while it was under way', async () => {
  world.store();
  let release: (() => void) | undefined;
  const slow = Object.create(world.table, {
    read: {
      value: async (credential: string) => {
        const record = world.table.peek(credential);
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return record;
      },
    },
  });
  const environment = world.environment(slow);
  const first = environment.vend(REQUEST);
  await world.clock.advance(1);
  const releaseFirst = release as unknown as () => void;
  const tick = environment.tick(['default']);
  await world.clock.advance(1);
  world.store({ value: 'newer', id: 'newer-id' });
  releaseFirst();
  await world.clock.run(first);
  (release as unknown as () => void)();
  await world.clock.run(tick);
  expect((await world.clock.run(environment.vend(REQUEST))).token.value).toBe('stored');
});
