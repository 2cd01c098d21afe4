import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { apiEvent } from '../api/event';
import { answerJson } from '../support/stand-in-faults';
import { until } from '../support/until';
import type { Death } from './aws';
import { eachInItsOwnWorld } from './own-world';
import type { RuntimeWorld } from './runtime-world';

const MINUTE = 60_000;
const DEATHS: readonly Death[] = ['closed', 'reset at its next use', 'silent at its next use'];

let world: RuntimeWorld;
eachInItsOwnWorld((opened) => {
  world = opened;
});

test.each(DEATHS)('connections that died in a freeze cost neither the table nor a mint: %s', async (death) => {
  const environment = await world.environment();
  const { token } = await world.vend(environment);
  // Both credentials at once: more than one connection is left open.
  await world.vend(environment, { credential: 'sandbox' });
  await world.tick(environment);
  world.advance(5 * MINUTE);
  world.aws.kill(death);
  expect(await world.vend(environment)).toEqual({ status: 200, token, source: 'table' });
  expect(world.fiskil.mints).toHaveLength(2);
});

test.each(DEATHS)('a mint right after the thaw finds its way past dead connections: %s', async (death) => {
  const environment = await world.environment();
  await world.vend(environment);
  await world.tick(environment);
  world.advance(60 * MINUTE);
  world.aws.kill(death);
  expect(await world.vend(environment)).toMatchObject({ status: 200, source: 'mint' });
  const other = await world.environment();
  expect(await world.vend(other)).toMatchObject({ status: 200, source: 'table' });
});

test('no connection to Fiskil outlives its answer, so none can be dead at the next mint', async () => {
  const environment = await world.environment();
  let socket: Socket | undefined;
  world.fiskil.answerNext((request, response, body) => {
    socket = request.socket;
    answerJson({ token: 'any', expires_in: 900 })(request, response, body);
  });
  expect(await environment.invoke(apiEvent(), world.now())).toMatchObject({ answer: { statusCode: 200 } });
  // Node's servers keep an idle connection for 5 s.
  await until('the connection to end', 3_000, async () => socket?.destroyed || undefined);
});
