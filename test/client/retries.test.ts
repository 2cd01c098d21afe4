import { describe, expect, it } from '@jest/globals';
import { TokenVendingError } from '../../client/errors';
import { checkOptions } from '../../client/options';
import { pauseMs } from '../../client/retry';
import { createTokenApiClient } from '../../client/token-api-client';
import { broken, CREDENTIALS, errorOf, MovedClock, problem, settle, setup, URL_OF_API, vended } from './support';

describe('a GET is repeated', () => {
  it.each([
    ['a broken connection', () => broken()],
    ['a connection refused', () => broken('ECONNREFUSED')],
    ['throttled by the gateway', () => problem(429, 'throttled', { 'retry-after': '1' })],
    ['throttled without our shape', () => new Response('{"message":"Too Many Requests"}', { status: 429 })],
    ['503 of the service', () => problem(503, 'token_pending', { 'retry-after': '1' })],
    ['503 of the gateway', () => new Response('Service Unavailable', { status: 503 })],
    ['504', () => problem(504, 'gateway_timeout')],
    ['500 of the gateway', () => problem(500, 'gateway_error')],
    ['502 of the gateway', () => problem(502, 'gateway_error')],
    ['502 without our shape', () => new Response('<html>', { status: 502 })],
    ['too few functions', () => problem(503, 'function_busy', { 'retry-after': '1' })],
    ['a code of a later service', () => problem(503, 'something_new', { 'retry-after': '1' })],
  ])('after %s, and the caller does not notice', async (_, failure) => {
    const { api, clock, tokens } = setup();
    api.script.push(failure(), vended('t1'));
    const waiting = tokens.getToken();
    await clock.advance(2_000);
    expect(await waiting).toBe('t1');
    expect(api.sent).toHaveLength(2);
  });

  it.each([
    [400, 'invalid_request'],
    [403, 'access_denied'],
    [404, 'unknown_credential'],
    [422, 'min_ttl_unattainable'],
    [429, 'rejection_too_soon'],
    [500, 'internal_error'],
    [502, 'credentials_rejected'],
    [502, 'invalid_upstream_answer'],
    [503, 'credential_not_configured'],
    [415, 'gateway_error'],
  ])('but not after %i %s', async (status, code) => {
    const { api, tokens } = setup();
    api.script.push(problem(status, code, { 'retry-after': '1' }));
    await expect(tokens.getToken()).rejects.toMatchObject({ code, status, retryAfter: 1 });
    expect(api.sent).toHaveLength(1);
  });

  it('but not after an answer without a token', async () => {
    const { api, tokens } = setup();
    api.script.push(Response.json({ hello: 'world' }));
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'invalid_answer' });
    expect(api.sent).toHaveLength(1);
  });

  it('for 30 seconds; then the call ends with the last failure', async () => {
    const { api, clock, tokens } = setup();
    for (let n = 0; n < 200; n++) api.script.push(problem(503, 'upstream_unavailable'));
    const failure = errorOf(tokens.getToken());
    await clock.advance(26_000);
    const before = api.sent.length;
    await clock.advance(4_000);
    expect(await failure).toMatchObject({ code: 'upstream_unavailable', status: 503 });
    expect(before).toBeGreaterThan(5);
    expect(api.sent.length).toBeGreaterThan(before);
  });

  it('with a new signature each time', async () => {
    const { api, clock, tokens } = setup();
    api.script.push(problem(503, 'token_pending', { 'retry-after': '2' }), vended('t1'));
    const waiting = tokens.getToken();
    await clock.advance(4_000);
    await waiting;
    const [first, second] = api.sent.map(({ headers }) => headers.get('x-amz-date'));
    expect(first).toBe('20261125T070000Z');
    expect(second).toBe('20261125T070002Z');
  });
});

describe('a rejection is repeated', () => {
  it.each([
    ['a broken connection', () => broken(), 2],
    ['503', () => problem(503, 'token_pending'), 2],
    ['throttled', () => problem(429, 'throttled'), 2],
    ['504: no, the service is still at it', () => problem(504, 'gateway_timeout'), 1],
  ])('after %s', async (_, failure, requests) => {
    const { api, clock, tokens } = setup();
    api.script.push(failure(), vended('t2'));
    const waiting = tokens.reject('t1').catch(() => {});
    await clock.advance(2_000);
    await waiting;
    expect(api.sent).toHaveLength(requests);
  });
});

describe('the pause', () => {
  const unreachable = new TokenVendingError('unreachable', '');
  const busy = new TokenVendingError('token_pending', '', { status: 503, retryAfter: 3 });

  it('is zero after a first broken connection, because the environment was probably frozen', () => {
    expect(pauseMs(unreachable, 1, 0.9, 30_000)).toBe(0);
    expect(pauseMs(unreachable, 2, 0.9, 30_000)).toBeGreaterThan(0);
  });

  it('grows, is jittered and stays below four seconds', () => {
    expect([2, 3, 4, 9].map((attempt) => pauseMs(unreachable, attempt, 1, 30_000))).toEqual([1000, 2000, 4000, 4000]);
    expect(pauseMs(unreachable, 3, 0.25, 30_000)).toBe(500);
  });

  it('is never shorter than Retry-After', () => {
    expect(pauseMs(busy, 1, 0, 30_000)).toBe(3000);
    expect(pauseMs(busy, 1, 1, 30_000)).toBe(3500);
  });

  it('fits into the time left, and there is no repeat if Retry-After does not fit', () => {
    expect(pauseMs(busy, 5, 1, 3_700)).toBe(3700);
    expect(pauseMs(busy, 1, 0, 3_000)).toBeUndefined();
  });
});

describe('1,000 processes that start at once, at the API’s default throttle', () => {
  it('all get their token within their 30 seconds', async () => {
    // 50 a second and 100 at once, like the stage. A refused call takes nothing from the bucket.
    const clock = new MovedClock();
    let [level, filledAt] = [100, clock.monotonic()];
    const fetch = async () => {
      level = Math.min(100, level + ((clock.monotonic() - filledAt) / 1000) * 50);
      filledAt = clock.monotonic();
      if (level < 1) return problem(429, 'throttled', { 'retry-after': '1' });
      level--;
      return vended('t1');
    };
    const settings = checkOptions({ url: URL_OF_API, credentials: CREDENTIALS, fetch, clock }, {});
    // Evenly spread, and the same numbers in each run.
    let drawn = 0;
    const random = () => {
      drawn += 0.618_033_988_75;
      return drawn % 1;
    };
    const calls = Array.from({ length: 1_000 }, () =>
      createTokenApiClient(settings, random).vend(0, Number.POSITIVE_INFINITY, new AbortController().signal),
    );
    const all = Promise.allSettled(calls);
    await clock.advance(30_000);
    const failed = (await all).filter(({ status }) => status === 'rejected');
    expect(failed).toHaveLength(0);
  });
});

describe('a call ends', () => {
  it('after 30 s without an answer', async () => {
    const { api, clock, tokens } = setup();
    const failure = errorOf(tokens.getToken());
    await clock.advance(29_999);
    expect(api.last().signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await failure).toMatchObject({ name: 'TokenVendingError', code: 'timeout' });
    expect(api.last().signal.aborted).toBe(true);
  });

  it('after 30 s with the last error from the service, if there was one', async () => {
    const { api, clock, tokens } = setup();
    api.script.push(problem(503, 'upstream_unavailable'));
    const failure = errorOf(tokens.getToken());
    await clock.advance(30_000);
    expect(await failure).toMatchObject({ code: 'upstream_unavailable' });
  });

  it('at once if Retry-After is longer than 30 s', async () => {
    const { api, tokens } = setup();
    api.script.push(problem(503, 'upstream_throttled', { 'retry-after': '120' }));
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'upstream_throttled', retryAfter: 120 });
  });

  it('with the caller’s reason during a pause', async () => {
    const { api, tokens } = setup();
    const mine = new AbortController();
    api.script.push(problem(503, 'token_pending', { 'retry-after': '5' }));
    const failure = errorOf(tokens.getToken({ signal: mine.signal }));
    await settle();
    mine.abort(new Error('my reason'));
    expect(await failure).toMatchObject({ message: 'my reason' });
    expect(api.sent).toHaveLength(1);
  });

  it('even if the credentials provider never answers', async () => {
    const { clock, tokens } = setup({ credentials: () => new Promise(() => {}) });
    const failure = errorOf(tokens.getToken());
    await clock.advance(30_000);
    expect(await failure).toMatchObject({ code: 'timeout' });
  });

  it('without leaving a timer', async () => {
    const { api, clock, tokens } = setup();
    api.script.push(vended('t1'));
    await tokens.getToken();
    await settle();
    expect(clock.waits).toEqual([]);
  });

  it('later if it was frozen: that time does not count, and the request from before is repeated', async () => {
    const { api, clock, tokens } = setup();
    const waiting = tokens.getToken();
    await settle();
    clock.freeze(3_600_000);
    api.script.push(vended('t1'));
    api.last().fail(broken());
    expect(await waiting).toBe('t1');
  });
});
