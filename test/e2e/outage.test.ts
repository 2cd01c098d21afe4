import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStandIn } from '../../local/fiskil-stand-in';
import type { Answer } from '../support/deployment';
import { Scene, SETUP_MS } from '../support/scene';
import { until } from '../support/until';

/** A short life, so that the token runs out while Fiskil is away. */
const LIFE_S = 7;

/** What the function may take at most; the emulator's own work is within the 3 s above the 22 s of a request. */
const BUDGET_MS = 25_000;

/** With no usable token nobody stays away from Fiskil for more than 2 s; the rest is for the mint itself. */
const HEALED_MS = 2_000 + 1_000;

describe('Fiskil is away', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set('Outage', ['default'], { expiresIn: LIFE_S });
  }, SETUP_MS);

  afterAll(() => scene?.end());

  test('the token is served while it lives, then a typed 503 comes, then the first call after its return is served', async () => {
    const pair = await scene.configure('default');
    const { body: before } = await scene.get('default');
    await scene.standIn.stop();

    const during = await scene.get('default');
    const [failed, tookMs] = await timed(() => untilRefused(scene, before.token));

    expect(during.body.token).toBe(before.token);
    expect(failed.status).toBe(503);
    expect(failed.body.code).toBe('upstream_unavailable');
    expect(failed.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(tookMs).toBeLessThan(LIFE_S * 1_000 + BUDGET_MS);

    const port = Number(new URL(scene.standIn.origin).port);
    const returned = await startStandIn({ port, pairs: [pair] });
    try {
      const [healed, healedMs] = await timed(() => scene.get('default'));

      expect(healed.status).toBe(200);
      expect(returned.mints.map(({ token }) => token)).toEqual([healed.body.token]);
      expect(healedMs).toBeLessThan(HEALED_MS);
    } finally {
      await returned.stop();
    }
  }, 60_000);
});

/** The first answer that isn't the token of before. */
function untilRefused(scene: Scene, token: unknown): Promise<Answer> {
  return until('the end of the token', LIFE_S * 1_000 + BUDGET_MS, async () => {
    const answer = await scene.get('default');
    return answer.body.token === token ? undefined : answer;
  });
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = Date.now();
  const result = await work();
  return [result, Date.now() - start];
}
