import { expect, test } from '@jest/globals';
import { until } from '../support/until';
import { gate } from './gate';
import { eachInItsOwnWorld } from './own-world';
import type { RuntimeWorld } from './runtime-world';

const MINUTE = 60_000;
/** What a lease lasts, and a bit: the design's 18 s. */
const LEASE = 18_100;

let world: RuntimeWorld;
eachInItsOwnWorld((opened) => {
  world = opened;
});

/** An environment that is killed while Fiskil keeps it waiting, as Lambda does at the deadline. */
async function killInMint(): Promise<void> {
  const environment = await world.environment();
  const { reached } = gate(world.fiskil, { token: 'never heard of', expires_in: 900 });
  const call = world.vend(environment);
  await reached;
  await environment.kill();
  expect(await call).toEqual({ status: 504 });
  expect(await world.lease()).toBeDefined();
}

test('a lease whose holder was killed in the middle of a mint keeps nobody from minting once it is over', async () => {
  await killInMint();
  world.advance(LEASE);
  const environment = await world.environment();
  expect(await world.vend(environment)).toMatchObject({ status: 200, source: 'mint' });
  expect(await world.lease()).toBeUndefined();
  expect(world.fiskil.mints).toHaveLength(1);
});

test('a caller who waits for a mint whose holder was killed is served when the lease is over', async () => {
  await killInMint();
  const environment = await world.environment();
  const looked = world.aws.requests.get('GetItem') ?? 0;
  const call = world.vend(environment);
  await until(
    'it to look again',
    5_000,
    async () => (world.aws.requests.get('GetItem') ?? 0) > looked + 1 || undefined,
  );
  expect(world.fiskil.requests).toBe(1);
  world.advance(LEASE);
  expect(await call).toMatchObject({ status: 200, source: 'mint' });
});

test('a refresh whose holder was killed leaves the old token in service, and the next one works', async () => {
  const environment = await world.environment();
  const { token } = await world.vend(environment);
  world.advance(13 * MINUTE);
  await killInMint();
  expect(await world.vend(environment)).toEqual({ status: 200, token, source: 'table' });
  world.advance(LEASE);
  expect(await world.vend(environment)).toMatchObject({ status: 200, source: 'mint' });
  expect(world.fiskil.mints).toHaveLength(2);
});

test('a token that was published by an environment killed before it heard so is vended by the next', async () => {
  const environment = await world.environment();
  // The first write takes the lease, the second publishes.
  world.aws.atNext('UpdateItem', async () => world.aws.atNext('UpdateItem', () => environment.kill()));
  expect(await world.vend(environment)).toEqual({ status: 504 });
  const [issued] = world.fiskil.mints;
  const next = await world.environment();
  expect(await world.vend(next)).toEqual({ status: 200, token: issued?.token, source: 'table' });
  expect(await world.lease()).toBeUndefined();
  expect(world.fiskil.mints).toHaveLength(1);
});
