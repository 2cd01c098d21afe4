import { expect, test } from '@jest/globals';
import { createService } from '../../lambda/service';
import { VendingError } from '../../lambda/vending/errors';
import { apiEvent } from '../api/event';
import { START, World } from '../vending/world';
import { RecordingTelemetry } from './service-world';

/** Milliseconds that the function may take. */
const LAMBDA_TIMEOUT = 25_000;

const NAMES = Array.from({ length: 24 }, (_, n) => `c${n}`);

/** The function with 24 credentials. @param slow those whose secret hangs until the read of it is given up, and whose Fiskil hangs as well */
function functionWith(slow: readonly string[]) {
  const world = new World();
  const telemetry = new RecordingTelemetry();
  let ids = 0;
  const hang = async () => {
    await world.clock.sleep(3_000);
    throw new VendingError('secret_unavailable', 'test', undefined, 'TimeoutError');
  };
  const service = createService({
    store: world.table,
    secrets: {
      current: (credential) => (slow.includes(credential) ? hang() : world.secrets.current()),
      version: (credential, version) =>
        slow.includes(credential) ? hang() : world.secrets.version(credential, version),
    },
    minter: world.minter,
    clock: world.clock,
    chance: { number: () => 0, id: () => `mint-${++ids}` },
    credentials: NAMES,
    telemetry,
  });
  return { world, telemetry, service, tick: () => world.clock.run(service({ source: 'aws.events' })) };
}

test('credentials whose secrets hang share the time of a tick: all have theirs, and those that work are renewed', async () => {
  const slow = NAMES.slice(0, 20);
  const { world, telemetry, service, tick } = functionWith(slow);
  const quick = NAMES.filter((name) => !slow.includes(name));
  // In use, and then in the last third of its life.
  for (const name of quick) await world.clock.run(service(apiEvent({ path: `/tokens/${name}` })));
  world.clock.set(START + 700_000);
  const before = world.minter.mints;

  await tick();

  const took = world.clock.now() - (START + 700_000);
  // One after the other they would take a minute.
  expect(took).toBeLessThan(5_000);
  expect(world.minter.mints - before).toBe(quick.length);
  const ticked = telemetry.facts.filter(({ kind }) => kind === 'ticked').map(({ credential }) => credential);
  expect(ticked.sort()).toEqual([...NAMES].sort());
  const failed = telemetry.facts.filter(({ kind }) => kind === 'tick_failed').map(({ credential }) => credential);
  expect(failed.sort()).toEqual([...slow].sort());
});

test('where Fiskil hangs for all of them as well, the tick ends before the function is ended', async () => {
  const { world, telemetry, service, tick } = functionWith([]);
  for (const name of NAMES) await world.clock.run(service(apiEvent({ path: `/tokens/${name}` })));
  world.clock.set(START + 700_000);
  const hang = world.minter.mint.bind(world.minter);
  world.minter.mint = async (pair, ms) => {
    await world.clock.sleep(ms);
    return hang(pair, ms).then(() => {
      throw new VendingError('upstream_unavailable', 'test', undefined, 'timeout');
    });
  };

  await tick();

  expect(world.clock.now() - (START + 700_000)).toBeLessThan(LAMBDA_TIMEOUT);
  expect(telemetry.facts.filter(({ kind }) => kind === 'mint_failed')).toHaveLength(NAMES.length);
});
