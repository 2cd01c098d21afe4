import { describe, expect, it } from '@jest/globals';
import { errorOf, problem, type Setup, settle, setup, sha256, vended } from './support';

async function holding(token: string): Promise<Setup> {
  const all = setup();
  all.api.script.push(vended(token));
  await all.tokens.getToken();
  return all;
}

describe('reject', () => {
  it('sends the token’s SHA-256, and returns and keeps the other token', async () => {
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

  it('by many callers of the same token makes one request', async () => {
    const { api, tokens } = await holding('t1');
    const calls = Array.from({ length: 50 }, () => tokens.reject('t1'));
    await settle();
    api.last().answer(vended('t2'));

    expect(new Set(await Promise.all(calls))).toEqual(new Set(['t2']));
    expect(await tokens.reject('t1')).toBe('t2');
    expect(api.sent).toHaveLength(2);
  });

  it('continues for the others if one caller aborts', async () => {
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
    await clock.advance(700_000);
    api.script.push(vended('t2'));
    await tokens.getToken();
    await settle();

    expect(await tokens.reject('t1')).toBe('t2');
    expect(api.sent).toHaveLength(2);
  });

  it('of an unknown token asks the service, because it may be newer than ours', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(vended('t3'));
    expect(await tokens.reject('t2')).toBe('t3');
    expect(await tokens.getToken()).toBe('t3');
  });

  it('makes sure that no late answer brings the replaced token back: no call’s and no refresh’s', async () => {
    const { api, clock, tokens } = await holding('t1');
    await clock.advance(700_000);
    await tokens.getToken(); // starts a refresh
    const long = tokens.getToken({ minTtl: 500 });
    await settle();
    const [, refresh, under] = api.sent;
    const rejecting = tokens.reject('t1');
    await settle();
    api.last().answer(vended('t2', 900));
    expect(await rejecting).toBe('t2');

    refresh?.answer(vended('t1', 200));
    under?.answer(vended('t1', 600));
    expect(await Promise.all([long, tokens.getToken()])).toEqual(['t2', 't2']);
  });

  it('makes sure of that even if the replaced token expires later than its replacement', async () => {
    const { api, clock, tokens } = await holding('t9');
    await clock.advance(10_000);
    const under = tokens.getToken({ minTtl: 899 });
    await settle();
    api.script.push(vended('t2', 890));
    await tokens.reject('t9');
    api.sent[1]?.answer(vended('t9', 890));
    api.script.push(vended('t3', 900));
    expect(await under).toBe('t3');
  });

  it('answered with a token that was replaced meanwhile returns the current one', async () => {
    const { api, tokens } = await holding('t1');
    const first = tokens.reject('t1');
    const second = tokens.reject('t2');
    await settle();
    api.sent[2]?.answer(vended('t3'));
    expect(await second).toBe('t3');
    api.sent[1]?.answer(vended('t2'));

    expect(await first).toBe('t3');
    expect(api.sent).toHaveLength(3);
  });

  it('answered with the rejected token is an error, and the token stays', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(vended('t1'));
    await expect(tokens.reject('t1')).rejects.toMatchObject({ code: 'invalid_answer' });
    expect(await tokens.getToken()).toBe('t1');
    expect(api.sent).toHaveLength(2);
  });

  it.each(['', undefined])('of %p is refused without a request', async (token) => {
    const { api, tokens } = await holding('t1');
    await expect(tokens.reject(token as string)).rejects.toMatchObject({ code: 'invalid_option' });
    expect(api.sent).toHaveLength(1);
  });
});

describe('a rejection that fails', () => {
  it.each([
    ['is refused to this role', () => problem(403, 'access_denied')],
    ['is too soon', () => problem(429, 'rejection_too_soon', { 'retry-after': '17' })],
    ['brings an unusable answer of Fiskil’s', () => problem(502, 'invalid_upstream_answer')],
    ['meets a throttle of Fiskil’s', () => problem(503, 'upstream_throttled', { 'retry-after': '300' })],
  ])('because it %s keeps the token for callers before and after', async (_, answer) => {
    const { api, tokens } = await holding('t1');
    const failure = errorOf(tokens.reject('t1'));
    await settle();
    expect(await tokens.getToken()).toBe('t1');
    api.last().answer(answer());

    expect(await failure).toMatchObject({ name: 'TokenVendingError' });
    expect(await tokens.getToken()).toBe('t1');
    expect(api.sent.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  it('is not repeated before Retry-After is over, however often a caller rejects', async () => {
    const { api, clock, tokens } = await holding('t1');
    api.script.push(problem(429, 'rejection_too_soon', { 'retry-after': '17', 'x-amzn-requestid': 'id-1' }));
    for (let call = 0; call < 237; call++) {
      await expect(tokens.reject('t1')).rejects.toMatchObject({
        code: 'rejection_too_soon',
        message: 'rejection_too_soon: detail of rejection_too_soon',
        status: 429,
        retryAfter: 17,
        requestId: 'id-1',
      });
    }
    await clock.advance(16_500);
    await expect(tokens.reject('t1')).rejects.toMatchObject({ retryAfter: 1 });
    expect(api.sent).toHaveLength(2);

    await clock.advance(500);
    api.script.push(vended('t2'));
    expect(await tokens.reject('t1')).toBe('t2');
    expect(await tokens.getToken()).toBe('t2');
  });

  it('without Retry-After is not repeated for half a minute if only a person can help', async () => {
    const { api, clock, tokens } = await holding('t1');
    api.script.push(problem(403, 'access_denied'));
    const refused = expect.objectContaining({ code: 'access_denied' });
    expect(await errorOf(tokens.reject('t1'))).toEqual(refused);
    await clock.advance(29_000);
    const again = await errorOf(tokens.reject('t1'));
    expect(again).toEqual(refused);
    expect(again).not.toHaveProperty('retryAfter');
    expect(api.sent).toHaveLength(2);
    await clock.advance(1_000);
    api.script.push(vended('t2'));
    expect(await tokens.reject('t1')).toBe('t2');
  });

  it('without Retry-After is repeated at once if it may pass by itself', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(problem(502, 'invalid_upstream_answer'), vended('t2'));
    await expect(tokens.reject('t1')).rejects.toMatchObject({ code: 'invalid_upstream_answer' });
    expect(await tokens.reject('t1')).toBe('t2');
  });

  it('does not delay the rejection of another token', async () => {
    const { api, tokens } = await holding('t1');
    api.script.push(problem(429, 'rejection_too_soon', { 'retry-after': '17' }), vended('t3'));
    await expect(tokens.reject('t1')).rejects.toThrow();
    expect(await tokens.reject('t2')).toBe('t3');
  });

  it('because its caller aborted is not remembered', async () => {
    const { api, tokens } = await holding('t1');
    const mine = new AbortController();
    const left = errorOf(tokens.reject('t1', { signal: mine.signal }));
    await settle();
    mine.abort('mine');
    expect(await left).toBe('mine');
    api.script.push(vended('t2'));
    expect(await tokens.reject('t1')).toBe('t2');
  });

  it('is remembered for a hundred tokens at most, so that a program that rejects any text does not fill the memory', async () => {
    const { api, tokens } = await holding('t0');
    for (let n = 1; n <= 101; n++) {
      api.script.push(problem(429, 'rejection_too_soon', { 'retry-after': '300' }));
      await tokens.reject(`t${n}`).catch(() => {});
    }
    await expect(tokens.reject('t2')).rejects.toMatchObject({ code: 'rejection_too_soon' });
    expect(api.sent).toHaveLength(102);
    api.script.push(vended('t200'));
    expect(await tokens.reject('t1')).toBe('t200');
  });
});
