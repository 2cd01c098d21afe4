import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TABLE_REST } from '../../lambda/vending/budgets';
import { Scene, SETUP_MS } from '../support/scene';
import { until } from '../support/until';

const ENVIRONMENTS = 50;

/** Long enough that all callers are there before Fiskil answers the first mint. */
const LATENCY_MS = 1_000;

/** A request that starts an environment and goes no further. */
const REFUSED_AT_ONCE = '?min_ttl=0.5';

describe.each(['many-live', 'newest-only'] as const)('a fleet, at a Fiskil of the kind %s', (mode) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set(`Fleet-${mode}`, ['warm-up', 'default'], { mode, latencyMs: LATENCY_MS });
    await scene.deployed.function.stopTicking();
    await scene.configure('warm-up');
    await scene.configure('default');
    expect(await statuses(() => scene.get('default', REFUSED_AT_ONCE))).toEqual(Array(ENVIRONMENTS).fill(400));
    expect(await statuses(() => scene.get('warm-up'))).toEqual(Array(ENVIRONMENTS).fill(200));
    await until('all to have reached the table', 5 * TABLE_REST, () => whenReachable(scene));
  }, SETUP_MS);

  afterAll(() => scene?.end());

  test('50 environments that know of no token get one token, which Fiskil takes, from one mint', async () => {
    const answers = await atOnce(() => scene.get('default'));

    expect(answers.map(({ status }) => status)).toEqual(Array(ENVIRONMENTS).fill(200));
    const tokens = new Set(answers.map(({ body }) => String(body.token)));
    expect(tokens.size).toBe(1);
    expect(scene.mints('default').map(({ token }) => tokens.has(token))).toEqual([true]);
    for (const token of tokens) expect(scene.standIn.isLive(token)).toBe(true);
  });
});

function atOnce<T>(call: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: ENVIRONMENTS }, call));
}

async function statuses(call: () => Promise<{ status: number }>): Promise<number[]> {
  return (await atOnce(call)).map(({ status }) => status);
}

/**
 * So many cold processes at once can be too much for two cores, and an environment that waited in vain for the table
 * leaves it alone for a while and mints for itself. That is as it should be, and not what is tried here.
 */
async function whenReachable(scene: Scene): Promise<true | undefined> {
  const lines = (await scene.deployed.function.logLines()).filter((line) => line.includes('"table_unreachable"'));
  const last = Math.max(0, ...lines.map((line) => Date.parse(JSON.parse(line).timestamp)));
  return Date.now() - last > TABLE_REST ? true : undefined;
}
