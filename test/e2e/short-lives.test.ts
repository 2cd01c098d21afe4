import { expect, test } from '@jest/globals';
import { Scene } from '../support/scene';
import { until } from '../support/until';

/** Margin and floor together, for a token that lives less than a minute. */
const KEPT_BACK = 1 / 5;

/** The record counts in whole seconds, rounded down: a life can look this much shorter. */
const ROUNDING_MS = 1_000;

// At the same time, since nearly all of it is waiting for tokens to grow old.
test.concurrent.each([7, 30])('tokens that live %d s are minted once a life and not vended in its last fifth', watch);

async function watch(life: number): Promise<void> {
  const scene = await Scene.set(`Life${life}`, ['default'], { expiresIn: life });
  try {
    await scene.configure('default');
    // Two rollovers of the short one, one of the long one.
    const enough = life < 10 ? 3 : 2;
    const left: number[] = [];

    await until('the rollover', life * 1_000 * enough, async () => {
      const askedAt = Date.now();
      const { status, body } = await scene.get('default');
      expect(status).toBe(200);
      const mint = scene.standIn.mints.find(({ token }) => token === body.token);
      left.push((mint?.expiresAt ?? 0) - askedAt);
      return scene.standIn.mints.length >= enough ? true : undefined;
    });

    expect(Math.min(...left)).toBeGreaterThanOrEqual(life * 1_000 * KEPT_BACK);
    const issued = scene.standIn.mints.map(({ issuedAt }) => issuedAt);
    for (const [index, at] of issued.slice(1).entries()) {
      expect(at - (issued[index] ?? 0)).toBeGreaterThanOrEqual(life * 1_000 * (1 - KEPT_BACK) - ROUNDING_MS);
    }
    expect(scene.standIn.requests).toBe(enough);
  } finally {
    await scene.end();
  }
}
