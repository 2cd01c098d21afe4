import { beforeEach, expect, test } from '@jest/globals';
import { StoreThrottled, StoreUnreachable } from '../../lambda/record/store-errors';
import { sha256 } from '../../lambda/sha256';
import type { Engine } from '../../lambda/vending/engine';
import { hooked } from './faulty-table';
import { START, World } from './world';

/** What a table answered is not always what it holds: found by the simulator. */

const REQUEST = { credential: 'default' };
const A_MINUTE = 60_000;

let world: World;
/** How long the table's next answer is on its way, after it was made. */
let delays: number[];
let isCutOff: boolean;
let isThrottled: boolean;
let environment: Engine;

beforeEach(() => {
  world = new World();
  delays = [];
  isCutOff = false;
  isThrottled = false;
  const late = async (operate: () => Promise<unknown>) => {
    if (isCutOff) {
      throw new StoreUnreachable('TimeoutError');
    }
    if (isThrottled) {
      throw new StoreThrottled();
    }
    const answer = await operate();
    await world.clock.sleep(delays.shift() ?? 0);
    return answer;
  };
  environment = world.environment(hooked(world.table, late));
});

const vend = (by: Engine) => world.clock.run(by.vend(REQUEST));
const reject = (by: Engine, token: string) => world.clock.run(by.reject({ ...REQUEST, tokenSha256: sha256(token) }));

test('an answer that was on its way while the environment was frozen is asked for again', async () => {
  world.store();
  delays = [A_MINUTE];
  const call = environment.vend(REQUEST);
  await world.clock.advance(10);
  await reject(world.environment(), 'stored');
  await world.clock.advance(A_MINUTE);
  expect((await world.clock.run(call)).token.value).toBe('token-1');
});

test('so is one during which the clock was set back', async () => {
  world.store();
  let reads = 0;
  const store = hooked(world.table, {
    read: async (operate) => {
      if (reads++ === 0) {
        world.clock.set(START - A_MINUTE);
      }
      return operate();
    },
  });
  await vend(world.environment(store));
  expect(reads).toBe(2);
});

test('so is the answer to a write', async () => {
  world.store({ vended: false });
  delays = [0, A_MINUTE];
  const call = environment.vend(REQUEST);
  await world.clock.advance(10);
  await reject(world.environment(), 'stored');
  await world.clock.advance(A_MINUTE);
  expect((await world.clock.run(call)).token.value).toBe('token-1');
});

test('a memory is as old as the question, not as the answer', async () => {
  world.store();
  delays = [9_000];
  await vend(environment);
  await world.clock.advance(1_000);
  expect((await vend(environment)).source).toBe('table');
});

test('an answer that was overtaken by a newer one serves its own call, and is not remembered', async () => {
  world.store();
  delays = [900];
  const slow = environment.vend(REQUEST);
  await world.clock.advance(10);
  world.store({ value: 'newer', id: 'newer-id' });
  expect((await vend(environment)).token.value).toBe('newer');
  expect((await world.clock.run(slow)).token.value).toBe('stored');
  expect(await vend(environment)).toMatchObject({ source: 'memory', token: { value: 'newer' } });
});

test('an answer that is too old is still served where the table throttles the second look', async () => {
  world.store();
  delays = [A_MINUTE];
  const call = environment.vend(REQUEST);
  await world.clock.advance(10);
  isThrottled = true;
  expect(await world.clock.run(call)).toMatchObject({ source: 'memory', token: { value: 'stored' } });
});

test('also where it is the answer to a write', async () => {
  world.store({ vended: false });
  delays = [0, A_MINUTE];
  const call = environment.vend(REQUEST);
  await world.clock.advance(10);
  isThrottled = true;
  expect((await world.clock.run(call)).token.value).toBe('stored');
});

test('a mint that began without the table answers its own call, though the table is back at its end', async () => {
  world.store();
  isCutOff = true;
  // The environment does not use the table for 10 s. When this mint ends, it uses the table again, which has no lease of the mint.
  world.minter.latency = 11_000;
  const call = environment.reject({ ...REQUEST, tokenSha256: sha256('stored') });
  await world.clock.advance(5_000);
  isCutOff = false;
  world.minter.latency = 350;
  expect((await world.clock.run(call)).token.value).toBe('token-1');
  expect(world.minter.mints).toBe(1);
  expect(world.table.peek('default')?.token?.value).toBe('stored');
});

test('no vend is given what was replaced while its environment was frozen', async () => {
  world.store({ secondsLeft: 100 });
  // Waiting is all that it does then, and it wakes up late.
  const sleep = world.clock.sleep.bind(world.clock);
  world.clock.sleep = (ms) => sleep(ms === 2_000 ? A_MINUTE : ms);
  world.minter.latency = 2 * A_MINUTE;
  const call = environment.vend(REQUEST);
  await world.clock.advance(30_000);
  world.store({ value: 'newer', id: 'newer-id' });
  expect((await world.clock.run(call)).token.value).toBe('newer');
});

test.each([
  ['a mark', 'mark', { vended: false }, 1],
  ['the acquire of a refresh', 'acquire', { secondsLeft: 100 }, 200],
] as const)('what was learnt while %s was throttled is heeded', async (_what, operation, stored, minTtl) => {
  world.store(stored);
  const throttle = async () => {
    await world.clock.sleep(50);
    throw new StoreThrottled();
  };
  const busy = world.environment(hooked(world.table, { [operation]: throttle }));
  const call = busy.vend(REQUEST);
  await world.clock.advance(10);
  world.store({ value: 'newer', id: 'newer-id' });
  await world.clock.run(busy.vend({ ...REQUEST, minTtl }));
  expect((await world.clock.run(call)).token.value).toBe('newer');
});
