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

test('a machine that stood still in the middle of a mint does not give out what came of it', async () => {
  const environment = await world.environment();
  const { reached, open } = gate(world.fiskil, { token: 'late', expires_in: 900 });
  const call = world.vend(environment);
  await reached;
  environment.freeze();
  world.advance(HOUR);
  open();
  environment.thaw();
  expect(await call).toEqual({ status: 503, code: 'upstream_unavailable' });
  expect(await world.vend(environment)).toMatchObject({ status: 200, source: 'mint' });
});

test('a machine that stood still while the table answered asks it again', async () => {
  const [one, other] = await Promise.all([world.environment(), world.environment()]);
  const { token = '' } = await world.vend(other);
  let next: string | undefined;
  world.aws.atNext('GetItem', async () => {
    one.freeze();
    world.fiskil.revoke(token);
    next = (await world.reject(other, token)).token;
    world.advance(MINUTE);
    one.thaw();
  });
  expect(await world.vend(one)).toEqual({ status: 200, token: next, source: 'table' });
});

test('a machine that stood still while the table answered does not go on signing with the old date', async () => {
  const [one, other] = await Promise.all([world.environment(), world.environment()]);
  const { token } = await world.vend(other);
  world.aws.atNext('GetItem', async () => {
    one.freeze();
    // The SDK takes an answer's date for the time, unless it was under way for 15 minutes; AWS refuses what is 5 minutes off.
    world.advance(10 * MINUTE);
    one.thaw();
  });
  expect(await world.vend(one)).toEqual({ status: 200, token, source: 'table' });
});

test('a clock that is set back does not make old memory young', async () => {
  const [one, other] = await Promise.all([world.environment(), world.environment()]);
  const { token = '' } = await world.vend(one);
  world.fiskil.revoke(token);
  const { token: next } = await world.reject(other, token);
  world.advance(-MINUTE);
  expect(await world.vend(one)).toEqual({ status: 200, token: next, source: 'table' });
});

test('a clock an hour late, whose signatures AWS refuses, serves when it is put right and before', async () => {
  const environment = await world.environment();
  world.setWrong(environment, -HOUR);
  expect(await world.vend(environment)).toMatchObject({ status: 200, source: 'mint' });
  world.setWrong(environment, 0);
  expect(await world.vend(environment)).toMatchObject({ status: 200, source: 'mint' });
  expect(await world.vend(environment)).toMatchObject({ status: 200, source: 'memory' });
});
