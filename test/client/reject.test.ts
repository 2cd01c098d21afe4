import { describe, expect, it } from '@jest/globals';
import { problem, type Setup, settle, setup, sha256, vended } from './support';

async function holding(token: string): Promise<Setup> {
  const all = setup();
  all.api.script.push(vended(token));
  await all.tokens.getToken();
  return all;
}

describe('reject', () => {
  it('names the token by its SHA-256, and gives and keeps the other one', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(vended('t2'));

    expect(await tokens.reject('t1')).toBe('t2');
    expect(api.last().method).toBe('POST');
    expect(api.last().url.pathname).toBe('/v1/tokens/default/rejections');
    expect(api.last().headers.get('content-type')).toBe('application/json');
    expect(JSON.parse(api.last().body ?? '')).toEqual({ token_sha256: sha256('t1') });
    expect(await tokens.getToken()).toBe('t2');
    expect(api.sent).toHaveLength(2);
  });

  it('of the same token by many callers is one request', async () => {
    const { api, tokens } = await holding('t1');
    const calls = Array.from({ length: 50 }, () => tokens.reject('t1'));
    await settle();
    api.last().answer(vended('t2'));

    expect(new Set(await Promise.all(calls))).toEqual(new Set(['t2']));
    expect(await tokens.reject('t1')).toBe('t2');
    expect(api.sent).toHaveLength(2);
  });

  it('by a caller that leaves goes on for the others', async () => {
    const { api, tokens } = await holding('t1');
    const mine = new AbortController();
    const left = tokens.reject('t1', { signal: mine.signal });
    const stayed = tokens.reject('t1');
    await settle();
    mine.abort(new Error('my reason'));
    await expect(left).rejects.toThrow('my reason');
    api.last().answer(vended('t2'));
    expect(await stayed).toBe('t2');
  });

  it('of a token that a newer one replaced is answered without a request', async () => {
    const { api, clock, tokens } = await holding('t1');
    await clock.advance(600_000);
    api.script.push(vended('t2'));
    await tokens.getToken();
    await settle();

    expect(await tokens.reject('t1')).toBe('t2');
    expect(api.sent).toHaveLength(2);
  });

  it('of a token from elsewhere asks the service, since that one may be the newer', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(vended('t3'));
    expect(await tokens.reject('t2')).toBe('t3');
    expect(await tokens.getToken()).toBe('t3');
  });

  it('lets no answer bring the rejected token back: none under way, none from an old memory, none behind the back', async () => {
    const { api, clock, tokens } = await holding('t1');
    await clock.advance(700_000);
    await tokens.getToken(); // starts a refresh
    const long = tokens.getToken({ minTtl: 500 });
    await settle();
    const [, refresh, under] = api.sent;
    const rejecting = tokens.reject('t1');
    const after = tokens.getToken();
    await settle();
    const [rejection, fresh] = ['POST', 'GET'].map((method) =>
      api.sent.slice(3).find((sent) => sent.method === method),
    );

    refresh?.answer(vended('t1', 200));
    under?.answer(vended('t1', 600));
    fresh?.answer(vended('t1', 200));
    await settle();
    rejection?.answer(vended('t2', 900));

    expect(await Promise.all([long, rejecting, after, tokens.getToken()])).toEqual(['t2', 't2', 't2', 't2']);
  });

  it('asks for the next one when the answer is a token that was rejected too', async () => {
    const { api, tokens } = await holding('t1');
    const first = tokens.reject('t1');
    const second = tokens.reject('t2');
    await settle();
    api.sent[2]?.answer(vended('t3'));
    expect(await second).toBe('t3');
    api.script.push(vended('t3'));
    api.sent[1]?.answer(vended('t2'));

    expect(await first).toBe('t3');
    expect(JSON.parse(api.last().body ?? '')).toEqual({ token_sha256: sha256('t2') });
  });

  it('answered with the very token, again and again, is an error', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(vended('t1'), vended('t1'), vended('t1'));
    await expect(tokens.reject('t1')).rejects.toMatchObject({ code: 'invalid_answer' });
    expect(api.sent).toHaveLength(4);
  });

  it('that fails leaves the token rejected: the next call asks for another', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(problem(502, 'invalid_upstream_answer'));
    await expect(tokens.reject('t1')).rejects.toMatchObject({ code: 'invalid_upstream_answer' });

    api.script.push(vended('t1'), vended('t2'));
    expect(await tokens.getToken()).toBe('t2');
    expect(api.sent.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'POST']);
  });

  it('that is too soon is not repeated, and the token stands', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(problem(429, 'rejection_too_soon', { 'retry-after': '17' }));

    await expect(tokens.reject('t1')).rejects.toMatchObject({
      code: 'rejection_too_soon',
      status: 429,
      retryAfter: 17,
    });
    expect(await tokens.getToken()).toBe('t1');
    expect(api.sent).toHaveLength(2);
  });

  it('that failed before and is now too soon gives the token that the service stands by', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(problem(502, 'invalid_upstream_answer'));
    await expect(tokens.reject('t1')).rejects.toThrow();
    api.script.push(vended('t1'), problem(429, 'rejection_too_soon'));
    expect(await tokens.getToken()).toBe('t1');
  });

  it('remembers the last hundred, so that a program that rejects anything does not fill its memory', async () => {
    const { api, clock, tokens } = await holding('t0');
    for (let n = 1; n <= 101; n++) {
      api.script.push(problem(502, 'internal_error'));
      await tokens.reject(`t${n}`).catch(() => {});
    }
    await clock.advance(20_000);
    api.script.push(vended('t2'), vended('t1'));
    expect(await tokens.getToken({ minTtl: 890 })).toBe('t1');
    expect(api.sent.slice(-2).map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  it.each(['', undefined])('of %p is refused without a request', async (token) => {
    const { api, tokens } = await holding('t1');
    await expect(tokens.reject(token as string)).rejects.toMatchObject({ code: 'invalid_option' });
    expect(api.sent).toHaveLength(1);
  });
});
