import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStandIn } from '../../local/fiskil-stand-in';
import type { Answer } from '../support/deployment';
import { Scene } from '../support/scene';
import { until } from '../support/until';

/** A short life, so that the token runs out while Fiskil is away. */
const LIFE_MS = 7_000;

/** Margin and floor together, for a token that lives less than a minute. */
const KEPT_BACK = 1 / 5;

/** A request takes at most 22 s. The emulator adds up to 3 s. */
const BUDGET_MS = 25_000;

/** Without a usable token the backoff is at most 2 s. */
const LONGEST_AWAY_S = 2;

describe('Fiskil is away', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set('Outage', ['default'], { expiresIn: LIFE_MS / 1_000 });
  });

  afterAll(() => scene?.end());

  test('the token is served while it lives, then a typed 503 comes, then the first call after its return is served', async () => {
    const pair = await scene.configure('default');
    const { body: before } = await scene.get('default');
    await scene.standIn.stop();

    const { left, failed } = await untilRefused(scene, String(before.token));

    expect(left.length).toBeGreaterThan(1);
    expect(Math.min(...left)).toBeGreaterThanOrEqual(LIFE_MS * KEPT_BACK);
    expect(failed.status).toBe(503);
    expect(failed.body.code).toBe('upstream_unavailable');
    expect(failed.headers.get('retry-after')).toMatch(/^\d+$/);

    // Enough failures for a doubled pause to pass 2 s.
    for (const _ of Array(3)) {
      const [again, tookMs] = await timed(() => scene.get('default'));
      expect(again.body.code).toBe('upstream_unavailable');
      expect(Number(again.headers.get('retry-after'))).toBeLessThanOrEqual(LONGEST_AWAY_S);
      expect(tookMs).toBeLessThan(BUDGET_MS);
    }

    const port = Number(new URL(scene.standIn.origin).port);
    const returned = await startStandIn({ port, pairs: [pair] });
    try {
      const healed = await scene.get('default');

      expect(healed.status).toBe(200);
      expect(returned.mints.map(({ token }) => token)).toEqual([healed.body.token]);
    } finally {
      await returned.stop();
    }
  });
});

interface LastOf {
  /** Milliseconds that the token had left each time that it was asked for and served. */
  readonly left: readonly number[];
  /** The first other answer. */
  readonly failed: Answer;
}

async function untilRefused(scene: Scene, token: string): Promise<LastOf> {
  const expiresAt = scene.standIn.mints.find((mint) => mint.token === token)?.expiresAt ?? 0;
  const left: number[] = [];
  const failed = await until('the end of the token', LIFE_MS + BUDGET_MS, async () => {
    const askedAt = Date.now();
    const answer = await scene.get('default');
    if (answer.body.token !== token) return answer;
    left.push(expiresAt - askedAt);
    return undefined;
  });
  return { left, failed };
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = Date.now();
  const result = await work();
  return [result, Date.now() - start];
}
