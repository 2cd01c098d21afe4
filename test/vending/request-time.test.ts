import { beforeEach, expect, test } from '@jest/globals';
import type { RecordStore } from '../../lambda/record/types';
import { hooked } from './faulty-table';
import { codeOf, START, World } from './world';

/** A request has 22 s. A late mint gets only the time that is left. One that cannot finish does not begin. */

const REQUEST = { credential: 'default' };

let world: World;
beforeEach(() => {
  world = new World();
});

/** A dead holder's lease: whoever waits for it takes over in the millisecond after it ends. */
function waitUntil(instant: number): void {
  world.table.put('default', { lease: { id: 'dead', until: instant - 1 } });
}

/** Secrets Manager takes 3 s at worst. */
function slowSecrets(ms: number): void {
  const current = world.secrets.current.bind(world.secrets);
  world.secrets.current = async () => {
    await world.clock.sleep(ms);
    return current();
  };
}

/** A table that takes its time for these operations, after they took effect. */
function slowTable(delays: Partial<Record<keyof RecordStore, number>>): RecordStore {
  const slow = (ms: number) => async (operate: () => Promise<unknown>) => {
    const answer = await operate();
    await world.clock.sleep(ms);
    return answer;
  };
  return hooked(
    world.table,
    Object.fromEntries(Object.entries(delays).map(([operation, ms]) => [operation, slow(ms)])),
  );
}

test('a mint has 13 s, the reading of the secret included', async () => {
  slowSecrets(3_000);
  await world.vend();
  expect(world.minter.timeouts).toEqual([10_000]);
});

test('a mint that is begun late has what is left of the request, less a second to publish', async () => {
  waitUntil(START + 15_000);
  await world.vend();
  expect(world.minter.timeouts).toEqual([6_000]);
});

test('Fiskil is not asked where reading the secret took the time, and the lease is given back', async () => {
  waitUntil(START + 18_000);
  slowSecrets(3_000);
  await expect(world.vend()).rejects.toMatchObject({ code: 'token_pending', retryAfter: 1 });
  expect(world.minter.mints).toBe(0);
  expect(world.factsOf('mint_failed')).toMatchObject([{ code: 'token_pending', reason: 'no time left' }]);
  expect(world.table.peek('default')).toEqual({});
});

test('nor where taking the lease took the time', async () => {
  waitUntil(START + 19_000);
  const call = codeOf(world.environment(slowTable({ acquire: 2_000 })).vend(REQUEST));
  expect(await world.clock.run(call)).toBe('token_pending');
  expect(world.minter.mints).toBe(0);
  expect(world.secrets.reads).toBe(0);
  expect(world.table.peek('default')).toEqual({});
});

test('a caller who waited that long takes an old token as it is, and leaves its replacement to others', async () => {
  waitUntil(START + 22_000);
  const call = world.environment().vend(REQUEST);
  await world.clock.advance(20_500);
  world.store({ secondsLeft: 100 });
  expect((await world.clock.run(call)).token.value).toBe('stored');
  expect(world.minter.mints).toBe(0);
  expect(world.table.peek('default')?.lease).toBeUndefined();
});

test('a failure at the very end is stored and answered within the time that Lambda gives', async () => {
  waitUntil(START + 18_000);
  world.minter.latency = 3_100;
  world.minter.fail('upstream_unavailable');
  const call = codeOf(world.environment(slowTable({ release: 2_000 })).vend(REQUEST));
  expect(await world.clock.run(call)).toBe('upstream_unavailable');
  expect(world.clock.now()).toBeLessThan(START + 25_000);
  expect(world.table.peek('default')?.failure?.code).toBe('upstream_unavailable');
});

test.each([
  ['a millisecond before the time is up is noted', 21_999, true],
  ['when the time is up is left to the next', 22_000, false],
])('a vend %s', async (_, after, vended) => {
  waitUntil(START + 22_000);
  const { clock } = world;
  const startedAt = clock.now();
  const late = hooked(world.table, {
    read: async (operate) => {
      if (clock.now() > startedAt) {
        world.store({ vended: false });
        await clock.sleep(START + after - clock.now());
      }
      return operate();
    },
  });
  const call = world.environment(late).vend(REQUEST);
  expect((await world.clock.run(call)).token.value).toBe('stored');
  expect(world.table.peek('default')?.token?.vended).toBe(vended);
});
