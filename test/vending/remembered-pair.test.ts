import { expect, test } from '@jest/globals';
import { VendingError } from '../../lambda/vending/errors';
import { codeOf, World } from './world';

/** What an environment remembers of a secret can be older than what the others know: found by the simulator. */

const REQUEST = { credential: 'default' };
const PAIR_2 = { clientId: 'id-2', clientSecret: 'secret-2' };
const away = () => new VendingError('secret_unavailable', 'test', undefined, 'TimeoutError');

test('a tick that cannot reach Secrets Manager does not take the old pair that it remembers for a new one', async () => {
  const world = new World();
  const environment = world.environment();
  world.store();
  await world.clock.run(environment.tick(['default']));
  world.secrets.edit('v2', PAIR_2);
  await world.clock.run(world.environment().tick(['default']));
  expect(world.minter.pairs).toEqual([PAIR_2]);

  world.secrets.failure = away();
  await world.clock.run(environment.tick(['default']));
  expect(world.minter.pairs).toEqual([PAIR_2]);
  expect(world.table.peek('default')?.token).toMatchObject({ clientId: 'id-2', secretVersion: 'v2' });
});

test('a tick that cannot reach Secrets Manager still replaces an old token, with the pair that it remembers', async () => {
  const world = new World();
  const environment = world.environment();
  world.store({ secondsLeft: 320 });
  await world.clock.run(environment.tick(['default']));
  world.secrets.failure = away();
  await world.clock.advance(60_000);
  await world.clock.run(environment.tick(['default']));
  expect(world.table.peek('default')?.token).toMatchObject({ value: 'token-1', clientId: 'id-1' });
  // Each time, since a change of the secret goes unseen, and an environment that starts now has no pair.
  expect(world.factsOf('tick_failed')).toMatchObject([{ code: 'secret_unavailable', reason: 'TimeoutError' }]);
  expect(world.factsOf('ticked')).toHaveLength(2);
});

test('a tick reads the secret once, and mints with what it read', async () => {
  const world = new World();
  world.store({ secondsLeft: 299 });
  await world.clock.run(world.environment().tick(['default']));
  expect([world.minter.mints, world.secrets.reads]).toEqual([1, 1]);
});

test('a refused pair is not tried again because an environment remembers an older one', async () => {
  const world = new World();
  const environment = world.environment();
  await world.clock.run(environment.vend(REQUEST));
  // Its token expires, the secret is edited, and another environment finds that Fiskil refuses the new pair.
  await world.clock.advance(901_000);
  world.secrets.edit('v2', PAIR_2);
  world.minter.fail('credentials_rejected');
  await codeOf(world.vend());
  world.secrets.failure = away();
  expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('credentials_rejected');
  expect(world.minter.mints).toBe(2);
});

test('callers who see a refused pair replaced try the new one once, though they see it one after the other', async () => {
  const world = new World();
  world.minter.fail('credentials_rejected');
  await codeOf(world.vend());
  world.secrets.edit('v2', PAIR_2);
  const current = world.secrets.current.bind(world.secrets);
  const delays = [100, 1_000, 2_000];
  world.secrets.current = async () => {
    await world.clock.sleep(delays.shift() ?? 0);
    return current();
  };
  const calls = delays.map(() => codeOf(world.environment().vend(REQUEST)));
  expect(await world.clock.run(Promise.all(calls))).toEqual(Array.from(calls, () => 'credentials_rejected'));
  expect(world.minter.mints).toBe(2);
});

test('an older version that was read a moment ago is not taken for the repair of a newer one', async () => {
  const world = new World();
  const environment = world.environment();
  world.minter.fail('credentials_rejected');
  await world.clock.run(codeOf(environment.vend(REQUEST)));
  await world.clock.run(codeOf(environment.vend(REQUEST)));
  world.secrets.edit('v2', PAIR_2);
  await codeOf(world.vend());
  expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('credentials_rejected');
  expect(world.minter.mints).toBe(2);
});

test('what a caller saw of the secret before it waited is not taken for the repair of what was refused meanwhile', async () => {
  const world = new World();
  world.minter.fail('credentials_rejected');
  await codeOf(world.vend());
  world.secrets.edit('v2', PAIR_2);
  // It sees the edit, and then another's mint in flight, for which it waits.
  const lease = { id: 'another', until: world.clock.now() + 18_000 };
  const current = world.secrets.current.bind(world.secrets);
  world.secrets.current = async () => {
    world.table.put('default', { ...world.table.peek('default'), lease });
    world.secrets.current = current;
    return current();
  };
  const call = codeOf(world.environment().vend(REQUEST));
  await world.clock.advance(1_000);
  world.secrets.edit('v3', { clientId: 'id-3', clientSecret: 'secret-3' });
  const retryAt = world.clock.now() + 60_000;
  const failure = { code: 'credentials_rejected' as const, count: 2, retryAt, secretVersion: 'v3' };
  world.table.put('default', { failure });
  expect(await world.clock.run(call)).toBe('credentials_rejected');
  expect(world.minter.mints).toBe(1);
});
