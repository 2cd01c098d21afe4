import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { ROOT, runFolder } from '../support/toolbox';
import type { ExecutionEnvironment } from './execution-environment';
import { eachInItsOwnWorld } from './own-world';
import type { RuntimeWorld } from './runtime-world';

/** During a deploy, and after a rollback, the functions of two releases work on one table. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let world: RuntimeWorld;
let task: string;
beforeAll(() => {
  task = runFolder('runtime', 'previous-release');
  const zip = unzipSync(readFileSync(join(ROOT, 'test/e2e/previous-release/vend.zip')));
  for (const [name, bytes] of Object.entries(zip)) writeFileSync(join(task, name), bytes);
});
eachInItsOwnWorld((opened) => {
  world = opened;
});

const both = async (): Promise<[previous: ExecutionEnvironment, current: ExecutionEnvironment]> =>
  Promise.all([world.environmentOf(task), world.environment()]);

test.each([
  ['the previous release', 0],
  ['this one', 1],
])('what %s minted serves the other, and is replaced once by its tick', async (_, first) => {
  const pair = await both();
  const [minter, other] = first === 0 ? pair : [pair[1], pair[0]];
  const { token } = await world.vend(minter);
  expect(await world.vend(other)).toEqual({ status: 200, token, source: 'table' });
  world.advance(11 * MINUTE);
  await Promise.all([world.tick(other), world.tick(minter)]);
  expect(world.fiskil.mints).toHaveLength(2);
  // What the slower one read may be remembered for 10 s.
  world.advance(10 * SECOND);
  expect((await world.vend(minter)).token).toBe((await world.vend(other)).token);
});

test('a failed rejection at the previous release holds nobody of this one up', async () => {
  const [previous, current] = await both();
  const { token = '' } = await world.vend(previous);
  // Its replacement cannot be minted, so what the rejection wrote stays.
  world.fiskil.answerNext((_, response) => response.writeHead(503).end());
  expect((await world.reject(previous, token)).status).toBe(503);
  world.advance(11 * SECOND);
  expect(await world.vend(current)).toMatchObject({ status: 200, token });
});

test.each([
  ['the previous release', 0],
  ['this one', 1],
])('a token that was rejected at %s is replaced for the other', async (_, first) => {
  const pair = await both();
  const [one, other] = first === 0 ? pair : [pair[1], pair[0]];
  const { token = '' } = await world.vend(one);
  world.fiskil.revoke(token);
  const { token: next, status } = await world.reject(one, token);
  expect(status).toBe(200);
  expect(await world.vend(other)).toMatchObject({ status: 200, token: next });
  expect(world.fiskil.mints).toHaveLength(2);
});

test('a call of any kind at either ends well, whatever the other has left', async () => {
  const pair = await both();
  for (let turn = 0; turn < 24; turn++) {
    const environment = pair[turn % 2] as ExecutionEnvironment;
    const { token = '' } = await world.vend(environment, turn % 3 === 0 ? { minTtl: 600 } : {});
    if (turn % 4 === 3) {
      world.fiskil.revoke(token);
      const { status, code } = await world.reject(environment, token);
      expect([200, 429]).toContain(status);
      if (status === 429) expect(code).toBe('rejection_too_soon');
      world.advance(31 * SECOND);
      expect((await world.reject(environment, token)).status).toBe(200);
    }
    if (turn % 5 === 0) await world.tick(environment);
    world.advance(3 * MINUTE);
  }
});
