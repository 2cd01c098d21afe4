import { expect, test } from '@jest/globals';
import { gate } from './gate';
import { eachInItsOwnWorld } from './own-world';
import type { RuntimeWorld } from './runtime-world';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: RuntimeWorld;
eachInItsOwnWorld((opened) => {
  world = opened;
});

test('whatever the time that it was frozen for, it answers with a token that lives then', async () => {
  const environment = await world.environment();
  const pauses = [0, 5_000, 11_000, 5 * MINUTE, 14 * MINUTE, 892_000, 3 * HOUR, 26 * HOUR, 30 * 24 * HOUR];
  const sources: unknown[] = [];
  for (const pause of pauses) {
    world.advance(pause);
    sources.push((await world.vend(environment)).source);
  }
  // A token lives for 900 s; with 9 s left of it, it is not given to anybody.
  expect(sources).toEqual(['mint', 'memory', 'table', 'table', 'mint', 'mint', 'mint', 'mint', 'mint']);
});

test('what it remembers does not make it forget how much life was asked for', async () => {
  const environment = await world.environment();
  await world.vend(environment);
  world.advance(8 * MINUTE);
  expect(await world.vend(environment)).toMatchObject({ status: 200, source: 'table' });
  expect(await world.vend(environment, { minTtl: 600 })).toMatchObject({ status: 200, source: 'mint' });
});

test('a token that others found to be refused meanwhile is not given out again', async () => {
  const [one, other] = await Promise.all([world.environment(), world.environment()]);
  const { token = '' } = await world.vend(one);
  world.fiskil.revoke(token);
  const { token: next } = await world.reject(other, token);
  // The fleet has 10 s for it.
  world.advance(10_000);
  expect(await world.vend(one)).toEqual({ status: 200, token: next, source: 'table' });
});

test('a refresh that it was frozen in comes to nothing hours later, and harms nobody', async () => {
  const environment = await world.environment();
  const { token } = await world.vend(environment);
  // Less than a fifth is left: the caller waits for 2 s, and goes with the old token.
  world.advance(13 * MINUTE);
  const { reached, open } = gate(world.fiskil, { token: 'late', expires_in: 900 });
  expect(await world.vend(environment)).toMatchObject({ token, source: 'table' });
  await reached;
  open();
  world.advance(3 * HOUR);

  const { token: fresh } = await world.vend(environment);
  expect(world.fiskil.mints).toHaveLength(2);
  const other = await world.environment();
  expect(await world.vend(other)).toEqual({ status: 200, token: fresh, source: 'table' });
});

test('a ticked environment keeps quiet about a token that grew old unused', async () => {
  const environment = await world.environment();
  await world.vend(environment);
  world.advance(HOUR);
  await world.tick(environment);
  expect(world.fiskil.mints).toHaveLength(1);
  expect(await world.vend(environment)).toMatchObject({ status: 200, source: 'mint' });
});
