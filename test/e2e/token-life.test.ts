import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Scene } from '../support/scene';
import { until } from '../support/until';

/** One minute to the tick, up to 10 s until the emulator starts it, 5 s for the mint. */
const TICK_MS = 75_000;

const sha256 = (token: unknown) => createHash('sha256').update(String(token)).digest('hex');

describe('the life of a token in a deployed stack', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set('Engine', ['rejected', 'refused-again', 'rotated', 'ticked', 'idle']);
  });

  afterAll(() => scene?.end());

  test('a caller whose token Fiskil refuses gets another one, and one mint serves all who say so', async () => {
    await scene.configure('rejected');
    const { body: first } = await scene.get('rejected');
    scene.standIn.revoke(String(first.token));
    const rejection = { token_sha256: sha256(first.token) };

    const second = await scene.post('tokens/rejected/rejections', rejection);
    const repeated = await scene.post('tokens/rejected/rejections', rejection);

    expect(second.status).toBe(200);
    expect(second.headers.get('cache-control')).toBe('no-store');
    expect(scene.standIn.isLive(String(second.body.token))).toBe(true);
    expect(repeated.body.token).toBe(second.body.token);
    expect((await scene.get('rejected')).body.token).toBe(second.body.token);
    expect(scene.mints('rejected')).toHaveLength(2);
  });

  test('a replacement is forced once in 30 seconds, and the others go on with the token there is', async () => {
    await scene.configure('refused-again');
    const { body: first } = await scene.get('refused-again');
    const path = 'tokens/refused-again/rejections';
    const { body: second } = await scene.post(path, { token_sha256: sha256(first.token) });

    const third = await scene.post(path, { token_sha256: sha256(second.token) });

    expect(third.status).toBe(429);
    expect(third.body.code).toBe('rejection_too_soon');
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(third.headers.get('retry-after'))).toBeLessThanOrEqual(30);
    expect((await scene.get('refused-again')).body.token).toBe(second.token);
    expect(scene.mints('refused-again')).toHaveLength(2);
  });

  test('a pair pasted over the old one is taken over by a tick, while the old token is served', async () => {
    await scene.configure('rotated');
    const { body: old } = await scene.get('rotated');
    const next = { clientId: 'next-client', clientSecret: 'canary-secret-of-next' };
    scene.standIn.accept(next);
    await scene.deployed.paste('rotated', next);
    expect((await scene.get('rotated')).body.token).toBe(old.token);

    expect(await scene.deployed.function.tick()).toBeUndefined();

    expect((await scene.deployed.table.record('rotated'))?.client_id).toBe(next.clientId);
    // An environment may answer from its memory for 10 s.
    await until('the new token', 12_000, async () => {
      const { body } = await scene.get('rotated');
      return body.client_id === next.clientId && body.token !== old.token ? true : undefined;
    });
    expect(scene.mints('rotated')).toHaveLength(1);
  });

  test('the schedule replaces a token that grows old, and mints nothing for a credential that nobody uses', async () => {
    await scene.configure('idle');
    await scene.configure('ticked');
    const { body: old } = await scene.get('ticked');
    // 250 s left of 900: less than the tick's third, more than the fifth at which a caller would replace it.
    await scene.deployed.table.age('ticked', 650);
    expect(await scene.deployed.function.rules()).toEqual([
      expect.objectContaining({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' }),
    ]);

    const record = await until('a tick', TICK_MS, async () => {
      const found = await scene.deployed.table.record('ticked');
      return found?.token === old.token ? undefined : found;
    });

    expect(record?.token).toBe(scene.mints('ticked')[1]?.token);
    expect(scene.mints('ticked')).toHaveLength(2);
    expect(scene.mints('idle')).toHaveLength(0);
  });
});
