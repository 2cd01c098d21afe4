import { beforeEach, expect, test } from '@jest/globals';
import { StoreThrottled } from '../../lambda/record/store-errors';
import { hooked } from './faulty-table';
import { World } from './world';

/** Publish when the record has changed meanwhile. It writes once, or twice if TTL deleted the record. */

const REQUEST = { credential: 'default' };

let world: World;
beforeEach(() => {
  world = new World();
});

test('where TTL deletion took the record with the lease, the token begins a new one', async () => {
  const call = world.environment().vend(REQUEST);
  await world.clock.advance(10);
  world.table.put('default', undefined);
  expect(await world.clock.run(call)).toMatchObject({ source: 'mint', token: { value: 'token-1' } });
  expect(world.table.peek('default')?.token?.value).toBe('token-1');
  expect(world.factsOf('minted')).toHaveLength(1);
});

test.each([
  ['a mint in flight', { lease: { id: 'another', until: 1_800_000_018_000 } }],
  [
    'a failure and no lease',
    { failure: { code: 'upstream_unavailable' as const, retryAt: 1_800_000_001_000, count: 1 } },
  ],
])('where another has begun again between the two writes (%s), the late token is dropped', async (_, record) => {
  const store = hooked(world.table, {
    create: async (write) => {
      world.table.put('default', record);
      return write();
    },
  });
  const call = world.environment(store).vend(REQUEST);
  await world.clock.advance(10);
  world.table.put('default', undefined);
  await world.clock.advance(1_000);
  expect(world.factsOf('mint_superseded')).toHaveLength(1);
  expect(world.table.peek('default')?.token).toBeUndefined();
  await world.clock.run(call.catch(() => undefined));
});

test('one that took effect though its answer was lost is done', async () => {
  let writes = 0;
  const store = hooked(world.table, {
    publish: async (write) => {
      const written = await write();
      if (++writes === 1) {
        throw new StoreThrottled();
      }
      return written;
    },
  });
  expect(await world.clock.run(world.environment(store).vend(REQUEST))).toMatchObject({ source: 'mint' });
  expect(writes).toBe(2);
  expect(world.factsOf('minted')).toHaveLength(1);
  expect(world.factsOf('mint_superseded')).toEqual([]);
});
