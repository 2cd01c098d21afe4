import { beforeEach, expect, test } from '@jest/globals';
import type { RecordStore } from '../../lambda/record/types';
import { hooked } from './faulty-table';
import { START, World } from './world';

/** What another writes between this environment's look at the record and its own write. */

const REQUEST = { credential: 'default' };
const LEASE = { id: 'another', until: START + 18_000 };

let world: World;
beforeEach(() => {
  world = new World();
});

/** The table, where another is quicker than the first write of this kind; it counts these writes. */
function overtaken(operation: 'acquire' | 'mark', by: () => void): { store: RecordStore; writes: () => number } {
  let writes = 0;
  const store = hooked(world.table, {
    [operation]: async (operate: () => Promise<unknown>) => {
      if (writes++ === 0) {
        by();
      }
      return operate();
    },
  });
  return { store, writes: () => writes };
}

test('a mint whose lease was taken over is dropped and told of, and its caller gets what the other published', async () => {
  const call = world.environment().vend(REQUEST);
  await world.clock.advance(10);
  world.store({ value: 'newer', id: 'newer-id' });
  expect(await world.clock.run(call)).toMatchObject({ source: 'table', token: { value: 'newer' } });
  expect(world.table.peek('default')?.token?.value).toBe('newer');
  expect(world.factsOf('mint_superseded')).toEqual([{ kind: 'mint_superseded', credential: 'default', cause: 'vend' }]);
  expect(world.factsOf('minted')).toEqual([]);
});

test('a mint that another was quicker to begin is told of, and after a pause its caller waits for the other', async () => {
  const { store, writes } = overtaken('acquire', () => world.table.put('default', { lease: LEASE }));
  const call = world.environment(store).vend(REQUEST);
  await world.clock.advance(300);
  world.store({ value: 'newer', id: 'newer-id' });
  expect((await world.clock.run(call)).token.value).toBe('newer');
  expect(writes()).toBe(1);
  const told = { kind: 'lease_not_taken', credential: 'default', cause: 'vend', reason: 'changed' };
  expect(world.factsOf('lease_not_taken')).toEqual([told]);
});

test('a token that took the place of the one to be marked is marked in its turn', async () => {
  world.store({ vended: false });
  const { store } = overtaken('mark', () => world.store({ value: 'newer', id: 'newer-id', vended: false }));
  expect((await world.clock.run(world.environment(store).vend(REQUEST))).token.value).toBe('newer');
  expect(world.table.peek('default')?.token).toMatchObject({ value: 'newer', vended: true });
});

test('a mint takes a spent token out of the record first, so that no TTL deletion can take its lease', async () => {
  world.store({ secondsLeft: 0 });
  const call = world.environment().vend(REQUEST);
  await world.clock.advance(10);
  expect(world.table.peek('default')).toEqual({ tokenId: 'stored-id', lease: { id: 'id-1', until: LEASE.until } });
  await world.clock.run(call);
});

test('callers of one cold environment share one mint', async () => {
  const environment = world.environment();
  const calls = Array.from({ length: 3 }, () => environment.vend(REQUEST));
  const vended = await world.clock.run(Promise.all(calls));
  expect(vended.map(({ token }) => token.value)).toEqual(['token-1', 'token-1', 'token-1']);
  expect(world.minter.mints).toBe(1);
});
