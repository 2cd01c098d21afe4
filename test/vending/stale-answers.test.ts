import { beforeEach, expect, test } from '@jest/globals';
import type { Engine } from '../../lambda/vending/engine';
import { StoreThrottled, StoreUnreachable } from '../../lambda/vending/errors';
import { sha256 } from '../../lambda/vending/sha256';
import type { RecordStore } from '../../lambda/vending/types';
import { codeOf, START, World } from './world';

/** What a table answered is not always what it holds: found by the simulator. */

const REQUEST = { credential: 'default' };
const A_MINUTE = 60_000;

let world: World;
/** How long the table's next answer is on its way, after it was made. */
let delays: number[];
let isCutOff: boolean;
let environment: Engine;

beforeEach(() => {
  world = new World();
  delays = [];
  isCutOff = false;
  const behind = (operation: keyof RecordStore) => ({
    value: async (...args: unknown[]) => {
      if (isCutOff) {
        throw new StoreUnreachable('TimeoutError');
      }
      const answer = await (world.table[operation] as (...args: unknown[]) => Promise<unknown>)(...args);
      await world.clock.sleep(delays.shift() ?? 0);
      return answer;
    },
  });
  const operations = ['read', 'acquire', 'publish', 'release', 'mark'] as const;
  environment = world.environment(
    Object.create(null, Object.fromEntries(operations.map((operation) => [operation, behind(operation)]))),
  );
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
  const store = Object.create(world.table, {
    read: {
      value: async (credential: string) => {
        if (reads++ === 0) {
          world.clock.set(START - A_MINUTE);
        }
        return world.table.read(credential);
      },
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

test('an answer that was overtaken by a newer one is asked for again', async () => {
  world.store();
  delays = [900];
  const slow = environment.vend(REQUEST);
  await world.clock.advance(10);
  await reject(environment, 'stored');
  expect((await world.clock.run(slow)).token.value).toBe('token-1');
});

test('also where it holds the token before the one that is known by now', async () => {
  world.store();
  delays = [900];
  const slow = environment.vend(REQUEST);
  await world.clock.advance(10);
  world.store({ value: 'newer', id: 'newer-id' });
  expect((await vend(environment)).token.value).toBe('newer');
  expect((await world.clock.run(slow)).token.value).toBe('newer');
  expect(await vend(environment)).toMatchObject({ source: 'memory', token: { value: 'newer' } });
});

test('a token that was rejected while the table was out of reach is not vended when it is back', async () => {
  world.store();
  await vend(environment);
  isCutOff = true;
  expect((await reject(environment, 'stored')).token.value).toBe('token-1');
  isCutOff = false;
  await world.clock.advance(11_000);
  expect((await vend(environment)).token.value).toBe('token-2');
});

test('a rejection is never answered with the token that it names, though the table shows it only afterwards', async () => {
  world.store();
  isCutOff = true;
  // The table is left alone for 10 s; when this mint comes to be published, it can be seen again.
  world.minter.latency = 11_000;
  const call = environment.reject({ ...REQUEST, tokenSha256: sha256('stored') });
  await world.clock.advance(5_000);
  isCutOff = false;
  world.minter.latency = 350;
  expect((await world.clock.run(call)).token.value).toBe('token-2');
});

test('a caller that stops waiting for a refresh is not given what was rejected meanwhile', async () => {
  world.store({ secondsLeft: 100 });
  world.minter.latency = 3_000;
  const call = environment.vend(REQUEST);
  await world.clock.advance(100);
  await Promise.all([reject(environment, 'stored'), call]);
  expect((await call).token.value).toBe('token-1');
});

test('a rejection that is seen in an answer counts at once, also where the rest of that answer is in doubt', async () => {
  world.store();
  // A read; then a rejection's own read and its write, which the first read overtakes; so the table is asked again.
  delays = [10, 0, 20, 1_000];
  const first = environment.vend(REQUEST);
  await world.clock.advance(1);
  const rejection = environment.reject({ ...REQUEST, tokenSha256: sha256('stored') });
  await world.clock.advance(50);
  expect((await first).token.value).toBe('stored');
  const second = environment.vend(REQUEST);
  await world.clock.run(rejection);
  expect((await world.clock.run(second)).token.value).toBe('token-1');
});

test('a string that is known to be rejected is not vended either when another environment is given it again', async () => {
  isCutOff = true;
  await vend(environment);
  world.minter.fail('upstream_unavailable');
  await world.clock.run(environment.reject({ ...REQUEST, tokenSha256: sha256('token-1') }).catch(() => undefined));
  isCutOff = false;
  await world.clock.advance(11_000);
  world.store({ value: 'token-1', id: 'of-another-mint' });
  world.minter.answer = undefined;
  expect((await vend(environment)).token.value).toBe('token-3');
});

test('nor what was rejected elsewhere while its environment was frozen', async () => {
  world.store({ secondsLeft: 100 });
  // Waiting is all that it does then, and it wakes up late.
  const sleep = world.clock.sleep.bind(world.clock);
  world.clock.sleep = (ms) => sleep(ms === 2_000 ? A_MINUTE : ms);
  world.minter.latency = 2 * A_MINUTE;
  const call = environment.vend(REQUEST);
  await world.clock.advance(30_000);
  world.minter.latency = 350;
  await reject(world.environment(), 'stored');
  expect((await world.clock.run(call)).token.value).not.toBe('stored');
});

test('a rejection that is seen in an answer counts also where the table is out of reach right after it', async () => {
  world.store();
  await vend(environment);
  await world.clock.advance(11_000);
  delays = [15_000];
  await reject(world.environment(), 'stored');
  world.store({ rejected: true });
  const call = environment.vend(REQUEST);
  await world.clock.advance(10);
  // The answer is too old when it comes, and then there is no other.
  isCutOff = true;
  expect((await world.clock.run(call)).token.value).toBe('token-2');
});

test('nor when Fiskil gives it to the environment that knows, long after the record has forgotten it', async () => {
  await vend(environment);
  await reject(environment, 'token-1');
  world.table.put('default', undefined);
  await world.clock.advance(31_000);
  world.minter.answer = () => ({ token: 'token-1', expiresIn: 900 });
  expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('invalid_upstream_answer');
});

test('nor what was rejected while the mark of its vend was throttled', async () => {
  world.store({ vended: false });
  const store = Object.create(world.table, {
    mark: {
      value: async (...args: Parameters<RecordStore['mark']>) => {
        if (args[2] === 'vended') {
          await world.clock.sleep(50);
          throw new StoreThrottled();
        }
        return world.table.mark(...args);
      },
    },
  });
  const busy = world.environment(store);
  const call = busy.vend(REQUEST);
  await world.clock.advance(10);
  await reject(busy, 'stored');
  expect((await world.clock.run(call)).token.value).toBe('token-1');
});
