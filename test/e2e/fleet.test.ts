import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Scene, SETUP_MS } from '../support/scene';

const CALLERS = 50;

/** Long enough that all callers are there before Fiskil answers the first mint. */
const LATENCY_MS = 1_000;

/** A request that starts an environment and goes no further. */
const REFUSED_AT_ONCE = '?min_ttl=0.5';

describe.each(['many-live', 'newest-only'] as const)('a cold fleet, at a Fiskil of the kind %s', (mode) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set(`Fleet-${mode}`, ['default'], { mode, latencyMs: LATENCY_MS });
    await scene.deployed.function.stopTicking();
    await scene.configure('default');
    const started = await Promise.all(atOnce(() => scene.get('default', REFUSED_AT_ONCE)));
    expect(started.map(({ status }) => status)).toEqual(Array(CALLERS).fill(400));
  }, SETUP_MS);

  afterAll(() => scene?.standIn.stop());

  test('50 callers at once get one token, which Fiskil takes, from one mint', async () => {
    const answers = await Promise.all(atOnce(() => scene.get('default')));

    expect(answers.map(({ status }) => status)).toEqual(Array(CALLERS).fill(200));
    const tokens = new Set(answers.map(({ body }) => String(body.token)));
    expect([...tokens]).toEqual(scene.mints('default').map(({ token }) => token));
    expect(scene.standIn.requests).toBe(1);
    for (const token of tokens) expect(scene.standIn.isLive(token)).toBe(true);
  });
});

function atOnce<T>(call: () => Promise<T>): Promise<T>[] {
  return Array.from({ length: CALLERS }, call);
}
