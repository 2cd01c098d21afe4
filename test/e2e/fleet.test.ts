import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TABLE_REST } from '../../lambda/vending/budgets';
import { startStandIn } from '../../local/fiskil-stand-in';
import { Scene } from '../support/scene';
import { until } from '../support/until';

const ENVIRONMENTS = 50;

/** Long enough that all callers are there before Fiskil answers the first mint. */
const LATENCY_MS = 1_000;

/** Enough for four rounds. */
const WARM_UP_MS = 5 * TABLE_REST;

/** A request that starts an environment and goes no further. */
const REFUSED_AT_ONCE = '?min_ttl=0.5';

const MODES = ['many-live', 'newest-only'] as const;

describe('a fleet of 50 environments that know of no token', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set('Fleet', ['warm-up', ...MODES]);
    await scene.deployed.function.stopTicking();
    await scene.configure('warm-up');
    const started = await atOnce(() => scene.get('warm-up', REFUSED_AT_ONCE));
    expect(started.map(({ status }) => status)).toEqual(Array(ENVIRONMENTS).fill(400));
    await until('all environments to reach the table', WARM_UP_MS, () => warmUp(scene));
    await scene.standIn.stop();
  });

  afterAll(() => scene?.end());

  test.each(MODES)(
    'gets one token, which Fiskil takes, from one mint, where Fiskil is of the kind %s',
    async (mode) => {
      const pair = await scene.configure(mode);
      const port = Number(new URL(scene.standIn.origin).port);
      const fiskil = await startStandIn({ port, mode, latencyMs: LATENCY_MS, pairs: [pair] });
      try {
        const answers = await atOnce(() => scene.get(mode));

        expect(answers.map(({ status }) => status)).toEqual(Array(ENVIRONMENTS).fill(200));
        expect(fiskil.requests).toBe(1);
        const tokens = answers.map(({ body }) => String(body.token));
        expect(tokens.filter((token) => fiskil.isLive(token))).toHaveLength(ENVIRONMENTS);
      } finally {
        await fiskil.stop();
      }
    },
  );
});

function atOnce<T>(call: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: ENVIRONMENTS }, call));
}

/**
 * The first call of so many processes at once is too much for two cores, and an environment that waited in vain for the
 * table leaves it alone for a while and mints for itself. That is as it should be, and not what is tried here: so there
 * are calls for another credential until all of them went well.
 */
async function warmUp(scene: Scene): Promise<true | undefined> {
  const before = await failuresAtTable(scene);
  if (Date.now() - Math.max(0, ...before) < TABLE_REST) return undefined;
  await atOnce(() => scene.get('warm-up'));
  return (await failuresAtTable(scene)).length === before.length ? true : undefined;
}

/** When an environment gave the table up, epoch milliseconds. */
async function failuresAtTable(scene: Scene): Promise<number[]> {
  const lines = await scene.deployed.function.logLines();
  return lines
    .filter((line) => line.includes('"table_unreachable"'))
    .map((line) => Date.parse(JSON.parse(line).timestamp));
}
