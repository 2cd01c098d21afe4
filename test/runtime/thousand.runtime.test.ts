import { expect, test } from '@jest/globals';
import { apiEvent } from '../api/event';
import { reset } from '../support/stand-in-faults';
import type { ExecutionEnvironment } from './execution-environment';
import { buildTask, RuntimeWorld } from './runtime-world';

const SECOND = 1_000;

/** One of each kind of call that an environment sees, most of them the commonest: 50 calls. */
async function aShareOfEverything(world: RuntimeWorld, environment: ExecutionEnvironment): Promise<void> {
  for (let round = 0; round < 4; round++) {
    // From the table, then from memory.
    world.advance(11 * SECOND);
    for (let call = 0; call < 9; call++) await world.vend(environment);
    await world.vend(environment, { credential: 'sandbox' });
    await world.tick(environment);
  }
  const { token = '' } = await world.vend(environment);
  await world.reject(environment, token);
  await environment.invoke(apiEvent({ path: '/tokens/unknown' }), world.now());
  await environment.invoke(apiEvent({ query: { min_ttl: ['soon'] } }), world.now());
  // Fiskil fails once, and the caller gets its token all the same.
  world.advance(900 * SECOND);
  world.fiskil.answerNext(reset);
  await world.vend(environment);
  world.advance(900 * SECOND);
  await world.vend(environment);
}

/** Without them V8 learns and compiles for hundreds of calls, and that grows more than any leak worth finding. */
const NOTHING_COMPILED = ['--no-lazy-feedback-allocation', '--no-sparkplug', '--no-maglev', '--no-opt'];

/**
 * Bytes. It was 50,000 to 170,000: the time limits of the last calls run on for seconds. An event has more than a kilobyte.
 */
const GROWTH_IN_A_THOUSAND = 400_000;

test('a thousand invocations leave nothing behind: no memory, no sockets, no timers', async () => {
  const world = await RuntimeWorld.open(buildTask('handler'));
  try {
    const environment = await world.environment(...NOTHING_COMPILED);
    for (let share = 0; share < 3; share++) await aShareOfEverything(world, environment);
    const before = await environment.inside();
    for (let share = 0; share < 20; share++) await aShareOfEverything(world, environment);
    const after = await environment.inside();
    expect(after.heap - before.heap).toBeLessThan(GROWTH_IN_A_THOUSAND);
    expect(after.files).toBeLessThanOrEqual(before.files);
    expect(after.resources).toEqual(before.resources);
  } finally {
    await world.close();
  }
});
