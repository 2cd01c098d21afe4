import { describe, expect, it } from '@jest/globals';
import { version } from '../../package.json';
import { settle, setup, vended } from './support';

describe('a token from memory', () => {
  it('needs one request; later calls make none', async () => {
    const { api, tokens } = setup();
    api.script.push(vended('t1'));

    expect(await tokens.getToken()).toBe('t1');
    expect(await tokens.getToken()).toBe('t1');

    expect(api.sent).toHaveLength(1);
    expect(api.last().url.href).toBe('https://abc123.execute-api.ap-southeast-2.amazonaws.com/v1/tokens/default');
    expect(api.last().headers.get('authorization')).toContain('/ap-southeast-2/execute-api/aws4_request');
    expect(api.last().headers.get('user-agent')).toBe(`fiskil-token-vending-client/${version}`);
  });

  it('lives for expires_in from just before the request was sent, however long the answer took', async () => {
    const { api, clock, tokens } = setup();
    const first = tokens.getToken();
    await clock.advance(20_000);
    api.last().answer(vended('t1', 30));
    await first;

    await clock.advance(4_900);
    void tokens.getToken().catch(() => {});
    await settle();
    const refreshes = api.sent.length;
    await clock.advance(200);
    void tokens.getToken().catch(() => {});
    await settle();

    // At 24.9 s memory answers and a refresh begins. At 25.1 s less than the floor of 5 s is left, so the call asks the service.
    expect(refreshes).toBe(2);
    expect(api.sent).toHaveLength(3);
  });

  it('is not given in its last 5 seconds, nor a short-lived one in its last fifth', async () => {
    for (const [life, served] of [
      [900, 894],
      [7, 5],
    ] as const) {
      const { api, clock, tokens } = setup();
      api.script.push(vended('t1', life));
      await tokens.getToken();
      await clock.advance(served * 1000);
      expect(await tokens.getToken()).toBe('t1');

      await clock.advance(2_000);
      const waiting = tokens.getToken();
      await settle();
      api.last().answer(vended('t2', life));
      expect(await waiting).toBe('t2');
    }
  });

  it('comes with its details', async () => {
    const { api, clock, tokens } = setup();
    const answer = vended('t1');
    answer.headers.set('x-amzn-requestid', '3f6c-77');
    api.script.push(answer);
    await tokens.getToken();
    await clock.advance(10_500);

    expect(await tokens.getTokenDetails()).toEqual({
      token: 't1',
      clientId: 'client-1',
      credential: 'default',
      expiresIn: 889,
      expiresAt: new Date('2026-11-25T07:16:00Z'),
      requestId: '3f6c-77',
    });
  });
});

describe('minTtl', () => {
  it('is met from memory if its token has so much life, otherwise by the service', async () => {
    const { api, clock, tokens } = setup();
    api.script.push(vended('t1', 500), vended('t2', 900));
    await tokens.getToken();
    await clock.advance(100_000);

    expect(await tokens.getToken({ minTtl: 400 })).toBe('t1');
    expect(await tokens.getToken({ minTtl: 401 })).toBe('t2');
    expect(api.last().url.search).toBe('?min_ttl=401');
    expect(await tokens.getToken()).toBe('t2');
    expect(api.sent).toHaveLength(2);
  });

  it('is asked for again if the answer came so late that too little life is left', async () => {
    const { api, clock, tokens } = setup();
    const waiting = tokens.getToken({ minTtl: 300 });
    await clock.advance(10_000);
    api.last().answer(vended('t1', 305));
    await settle();
    api.last().answer(vended('t2', 900));

    expect(await waiting).toBe('t2');
  });

  it('of 0 is asked for again if the token expired before its answer came', async () => {
    const { api, tokens } = setup();
    api.script.push(vended('t1', 0), vended('t2', 900));
    expect(await tokens.getToken()).toBe('t2');
    expect(api.sent).toHaveLength(2);
  });

  it('gives an error after three such answers', async () => {
    const { api, tokens } = setup();
    api.script.push(vended('t1', 0), vended('t1', 0), vended('t1', 0));
    await expect(tokens.getToken()).rejects.toThrow('3 answers had no token with the requested life');
  });

  it('gives an error, never a shorter token, if the service ignores it', async () => {
    const { api, tokens } = setup();
    api.script.push(vended('t1', 100), vended('t1', 100), vended('t1', 100));
    await expect(tokens.getToken({ minTtl: 300 })).rejects.toMatchObject({ code: 'invalid_answer' });
    expect(await tokens.getToken()).toBe('t1');
  });

  it.each([-1, 1.5, Number.NaN, '60'])('of %p is refused without a request', async (minTtl) => {
    const { api, tokens } = setup();
    await expect(tokens.getToken({ minTtl: minTtl as number })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('`minTtl`'),
    });
    expect(api.sent).toHaveLength(0);
  });
});

describe('concurrent calls', () => {
  it('share one request', async () => {
    const { api, tokens } = setup();
    const calls = Array.from({ length: 50 }, () => tokens.getToken());
    await settle();
    api.last().answer(vended('t1'));

    expect(new Set(await Promise.all(calls))).toEqual(new Set(['t1']));
    expect(api.sent).toHaveLength(1);
  });

  it('share a failure, and the next call asks again', async () => {
    const { api, tokens } = setup();
    const calls = [tokens.getToken(), tokens.getToken()];
    await settle();
    api.last().answer(new Response('{}', { status: 404 }));
    expect(await Promise.allSettled(calls)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);

    api.script.push(vended('t1'));
    expect(await tokens.getToken()).toBe('t1');
  });

  it('with different minTtl do not share, because only one of them may be refused', async () => {
    const { api, tokens } = setup();
    const plain = tokens.getToken();
    const long = tokens.getToken({ minTtl: 600 });
    await settle();
    expect(api.sent.map(({ url }) => url.search)).toEqual(['', '?min_ttl=600']);

    api.sent[1]?.answer(new Response('{"code":"min_ttl_unattainable"}', { status: 422 }));
    api.sent[0]?.answer(vended('t1'));
    await expect(long).rejects.toMatchObject({ code: 'min_ttl_unattainable', status: 422 });
    expect(await plain).toBe('t1');
  });

  it('a late answer does not displace the newer token that came before it', async () => {
    const { api, tokens } = setup();
    const early = tokens.getToken();
    const late = tokens.getToken({ minTtl: 600 });
    await settle();
    api.sent[1]?.answer(vended('t2', 900));
    expect(await late).toBe('t2');
    api.sent[0]?.answer(vended('t1', 100));

    expect(await early).toBe('t2');
    expect(await tokens.getToken()).toBe('t2');
  });

  it('nor does a later request’s answer, if it comes from another environment’s old memory', async () => {
    const { api, tokens } = setup();
    const long = tokens.getToken({ minTtl: 600 });
    const longer = tokens.getToken({ minTtl: 100 });
    await settle();
    api.sent[0]?.answer(vended('t2', 900));
    await long;
    api.sent[1]?.answer(vended('t1', 200));

    expect(await longer).toBe('t2');
    expect(await tokens.getToken()).toBe('t2');
  });
});

describe('an aborted signal', () => {
  it('ends its own call with its reason, and no other call', async () => {
    const { api, tokens } = setup();
    const mine = new AbortController();
    const left = tokens.getToken({ signal: mine.signal });
    const stayed = tokens.getToken({ signal: new AbortController().signal });
    await settle();
    mine.abort(new Error('my reason'));

    await expect(left).rejects.toThrow('my reason');
    expect(api.last().signal.aborted).toBe(false);
    api.last().answer(vended('t1'));
    expect(await stayed).toBe('t1');
    expect(api.sent).toHaveLength(1);
  });

  it('ends the request once nobody waits for it any more, and the next call makes its own', async () => {
    const { api, tokens } = setup();
    const mine = new AbortController();
    const left = tokens.getToken({ signal: mine.signal });
    await settle();
    mine.abort();
    api.script.push(vended('t1'));
    const next = left.catch(() => tokens.getToken());

    expect(await next).toBe('t1');
    expect(api.sent.map(({ signal }) => signal.reason?.name)).toEqual(['AbortError', 'AbortError']);
    await expect(left).rejects.toThrow('aborted');
  });

  it('from before the call ends it even if a token is in memory', async () => {
    const { api, tokens } = setup();
    api.script.push(vended('t1'));
    await tokens.getToken();
    await expect(tokens.getToken({ signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
  });
});
