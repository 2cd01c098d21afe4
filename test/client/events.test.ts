import { describe, expect, it } from '@jest/globals';
import { createTokenProvider, type TokenEvent } from '../../client/index';
import { CREDENTIALS, FakeApi, MovedClock, problem, settle, URL_OF_API, vended } from './support';

function watched(hear?: (event: TokenEvent) => void) {
  const api = new FakeApi();
  const clock = new MovedClock();
  const events: TokenEvent[] = [];
  const onEvent = hear ?? ((event: TokenEvent) => void events.push(event));
  const tokens = createTokenProvider({ url: URL_OF_API, credentials: CREDENTIALS, fetch: api.fetch, clock, onEvent });
  return { api, clock, events, tokens };
}

const withId = (response: Response, id: string) => {
  response.headers.set('x-amzn-requestid', id);
  return response;
};

describe('onEvent', () => {
  it('gets hits, calls, refreshes, rejections and failures, each with its attempt and request id', async () => {
    const { api, clock, events, tokens } = watched();
    api.script.push(
      withId(problem(503, 'token_pending', { 'retry-after': '1' }), 'id-1'),
      withId(vended('t1'), 'id-2'),
    );
    const first = tokens.getToken();
    await clock.advance(2_000);
    await first;
    await tokens.getToken();
    await clock.advance(700_000);
    api.script.push(withId(problem(502, 'invalid_upstream_answer'), 'id-3'));
    await tokens.getToken();
    await clock.advance(25_000);
    api.script.push(withId(vended('t2'), 'id-4'));
    await tokens.getToken();
    await settle();
    api.script.push(withId(problem(429, 'rejection_too_soon', { 'retry-after': '9' }), 'id-5'));
    await tokens.reject('t2').catch(() => {});
    await clock.advance(9_000);
    api.script.push(withId(vended('t3'), 'id-6'));
    await tokens.reject('t2');

    const failure = { type: 'failure', attempt: 1, retryAfter: undefined };
    expect(events).toEqual([
      {
        ...failure,
        during: 'call',
        code: 'token_pending',
        retryable: true,
        status: 503,
        retryAfter: 1,
        requestId: 'id-1',
      },
      { type: 'call', attempt: 2, expiresIn: 900, requestId: 'id-2' },
      expect.objectContaining({ type: 'hit' }),
      expect.objectContaining({ type: 'hit', expiresIn: 199 }),
      {
        ...failure,
        during: 'refresh',
        code: 'invalid_upstream_answer',
        retryable: true,
        status: 502,
        requestId: 'id-3',
      },
      expect.objectContaining({ type: 'hit' }),
      { type: 'refresh', attempt: 1, expiresIn: 900, requestId: 'id-4' },
      {
        ...failure,
        during: 'rejection',
        code: 'rejection_too_soon',
        retryable: false,
        status: 429,
        retryAfter: 9,
        requestId: 'id-5',
      },
      { type: 'rejection', attempt: 1, expiresIn: 900, requestId: 'id-6' },
    ]);
  });

  it('never gets a token or a secret', async () => {
    const { api, events, tokens } = watched();
    api.script.push(vended('canary-t1'), vended('canary-t2'), new Response('canary', { status: 404 }));
    await tokens.getToken();
    await tokens.reject('canary-t1');
    await tokens.getToken();
    await tokens.getToken({ minTtl: 901 }).catch(() => {});
    expect(events.map(({ type }) => type)).toEqual(['call', 'rejection', 'hit', 'failure']);
    expect(JSON.stringify(events)).not.toContain('canary');
  });

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('that %s costs no call', async (_, hear) => {
    const { api, tokens } = watched(hear);
    api.script.push(vended('t1'));
    expect(await tokens.getToken()).toBe('t1');
    expect(await tokens.getToken()).toBe('t1');
    await settle();
  });
});
