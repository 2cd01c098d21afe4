import { describe, expect, it } from '@jest/globals';
import { instant } from '../../client/clock';
import { TokenMemory } from '../../client/memory';
import { provideTokens } from '../../client/provide';
import { RefreshAhead } from '../../client/refresh';
import { broken, MovedClock, problem, type Setup, settle, setup, vended } from './support';

/** A provider with the token t1, which lives 900 s and has so many seconds left. */
async function holding(secondsLeft: number): Promise<Setup> {
  const all = setup();
  all.api.script.push(vended('t1', 900));
  await all.tokens.getToken();
  await all.clock.advance((900 - secondsLeft) * 1000);
  return all;
}

describe('refreshing ahead', () => {
  it('does not start while more than a quarter of the life is left', async () => {
    const { api, tokens } = await holding(226);
    await tokens.getToken();
    await settle();
    expect(api.sent).toHaveLength(1);
  });

  it('serves the valid token while exactly one request gets the next one', async () => {
    const { api, tokens } = await holding(225);
    expect(await tokens.getToken()).toBe('t1');
    expect(await tokens.getToken()).toBe('t1');
    await settle();
    expect(await tokens.getToken()).toBe('t1');
    expect(api.sent).toHaveLength(2);

    api.last().answer(vended('t2'));
    await settle();
    expect(await tokens.getToken()).toBe('t2');
    expect(api.sent).toHaveLength(2);
  });

  it('that gets the same token again waits until a quarter of its remaining life is left', async () => {
    const { api, clock, tokens } = await holding(225);
    api.script.push(vended('t1', 224));
    await tokens.getToken();
    await clock.advance(160_000);
    await tokens.getToken();
    expect(api.sent).toHaveLength(2);

    await clock.advance(10_000);
    await tokens.getToken();
    await settle();
    expect(api.sent).toHaveLength(3);
  });

  it('that fails causes no error while the token lives, and pauses a tenth of the window between tries', async () => {
    const { api, clock, tokens } = await holding(225);
    for (let tries = 1; tries <= 3; tries++) {
      api.script.push(problem(502, 'credentials_rejected'));
      expect(await tokens.getToken()).toBe('t1');
      await settle();
      await clock.advance(22_400);
      expect(await tokens.getToken()).toBe('t1');
      await settle();
      expect(api.sent).toHaveLength(1 + tries);
      await clock.advance(100);
    }
  });

  it('that fails causes an error once the token has expired', async () => {
    const { api, clock, tokens } = await holding(225);
    api.script.push(problem(502, 'credentials_rejected'), problem(502, 'credentials_rejected'));
    expect(await tokens.getToken()).toBe('t1');
    await clock.advance(225_000);
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'credentials_rejected' });
  });

  it('obeys Retry-After', async () => {
    const { api, clock, tokens } = await holding(225);
    api.script.push(problem(503, 'upstream_throttled', { 'retry-after': '120' }));
    await tokens.getToken();
    await clock.advance(119_000);
    await tokens.getToken();
    await settle();
    expect(api.sent).toHaveLength(2);
    await clock.advance(1_000);
    await tokens.getToken();
    await settle();
    expect(api.sent).toHaveLength(3);
  });

  it('pauses at least a second for a token that lives only a few seconds', async () => {
    const { api, clock, tokens } = setup();
    api.script.push(vended('t1', 12), problem(502, 'invalid_upstream_answer'));
    await tokens.getToken();
    await clock.advance(9_000);
    await tokens.getToken();
    await clock.advance(500);
    await tokens.getToken();
    await settle();
    expect(api.sent).toHaveLength(2);
  });

  it('tries again at once if the connection was dead', async () => {
    const { api, tokens } = await holding(225);
    api.script.push(broken(), vended('t2'));
    await tokens.getToken();
    await settle();
    await settle();
    expect(await tokens.getToken()).toBe('t2');
  });

  it('keeps its token if the service answers with an older one, and then waits as after the same token', async () => {
    const { api, clock, tokens } = setup();
    api.script.push(vended('t2', 900), vended('t1', 900));
    await tokens.getToken();
    await clock.advance(680_000);
    await tokens.getToken();
    await settle();
    expect(await tokens.getToken()).toBe('t2');
    await settle();
    expect(api.sent).toHaveLength(2);
  });
});

describe('beside a service whose tick replaces the token within a minute after a third of its life', () => {
  it('asks once for each token, after the tick has replaced it', async () => {
    const clock = new MovedClock();
    const start = clock.now();
    let mintedAt = start;
    let vends = 0;
    const vend = async () => {
      vends++;
      const expiresAt = mintedAt + 900_000;
      const life = Math.floor((expiresAt - clock.now()) / 1000);
      return {
        token: `t${mintedAt}`,
        expiresAt,
        life,
        sentAt: instant(clock),
        clientId: 'c',
        credential: 'default',
        requestId: undefined,
      };
    };
    const tokens = provideTokens({ vend, reject: vend }, clock);
    for (let second = 0; second < 86_400; second += 5) {
      const isTick = second % 60 === 15;
      if (isTick && mintedAt + 600_000 < clock.now()) mintedAt = clock.now();
      await tokens.getToken();
      await settle();
      clock.freeze(5_000);
    }
    const mints = Math.floor(86_400 / 660) + 1;
    expect(vends).toBeLessThanOrEqual(mints + 1);
  });
});

describe('RefreshAhead', () => {
  it('asks once, however many hits come before the answer', async () => {
    const clock = new MovedClock();
    const memory = new TokenMemory(clock);
    let asked = 0;
    const refresh = new RefreshAhead(memory, clock, () => {
      asked++;
      return new Promise(() => {});
    });
    const sentAt = instant(clock);
    await clock.advance(700_000);
    const vend = { token: 't1', clientId: '', credential: '', expiresAt: 0, life: 900, sentAt, requestId: undefined };
    for (let hit = 0; hit < 5; hit++) refresh.consider(vend);
    expect(asked).toBe(1);
  });
});

describe('a thawed environment', () => {
  it('notices that the token expired while the monotonic clock stood still', async () => {
    const { api, clock, tokens } = await holding(800);
    clock.freeze(3_600_000);
    api.script.push(vended('t2'));
    expect(await tokens.getToken()).toBe('t2');
  });

  it('is not fooled by a wall clock that was set back', async () => {
    const { api, clock, tokens } = await holding(2);
    clock.wall -= 7_200_000;
    api.script.push(vended('t2'));
    expect(await tokens.getToken()).toBe('t2');
  });

  it('does not use an answer that arrived before the freeze and was read after it', async () => {
    const { api, clock, tokens } = setup();
    const waiting = tokens.getToken();
    await settle();
    clock.freeze(3_600_000);
    api.last().answer(vended('t1', 900));
    await settle();
    api.last().answer(vended('t2', 900));
    expect(await waiting).toBe('t2');
  });

  it('does not wait for a request from before the freeze', async () => {
    const { api, clock, tokens } = setup();
    const frozen = tokens.getToken();
    await settle();
    clock.freeze(600_000);
    const fresh = tokens.getToken();
    await settle();
    expect(api.sent).toHaveLength(2);

    // The old request's end does not affect the new one.
    api.sent[0]?.answer(problem(404, 'unknown_credential'));
    await expect(frozen).rejects.toMatchObject({ code: 'unknown_credential' });
    const third = tokens.getToken();
    await settle();
    api.sent[1]?.answer(vended('t2'));
    expect(await Promise.all([fresh, third])).toEqual(['t2', 't2']);
    expect(api.sent).toHaveLength(2);
  });

  it('takes the service’s token, even an older one, if its own has expired', async () => {
    const { api, clock, tokens } = setup();
    api.script.push(vended('t2'));
    await tokens.getToken();
    clock.freeze(3_600_000);
    api.script.push(vended('t1', 400));
    expect(await tokens.getToken()).toBe('t1');
  });

  it('starts a refresh although one from before the freeze has not ended', async () => {
    const { api, clock, tokens } = await holding(225);
    await tokens.getToken();
    await settle();
    clock.freeze(40_000);
    expect(await tokens.getToken()).toBe('t1');
    await settle();
    expect(api.sent).toHaveLength(3);
  });
});
