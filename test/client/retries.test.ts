import { describe, expect, it } from '@jest/globals';
import { TokenVendingError } from '../../client/errors';
import { pauseMs } from '../../client/retry';
import { broken, errorOf, problem, settle, setup, vended } from './support';

describe('a GET is repeated', () => {
  it.each([
    ['a broken connection', () => broken()],
    ['a connection refused', () => broken('ECONNREFUSED')],
    ['throttled by the gateway', () => problem(429, 'throttled', { 'retry-after': '1' })],
    ['throttled without our shape', () => new Response('{"message":"Too Many Requests"}', { status: 429 })],
    ['503 of the service', () => problem(503, 'token_pending', { 'retry-after': '1' })],
    ['503 of the gateway', () => new Response('Service Unavailable', { status: 503 })],
    ['504', () => problem(504, 'gateway_timeout')],
  ])('after %s, unseen', async (_, failure) => {
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
  ])('not after %i %s', async (status, code) => {
    const { api, tokens } = setup();
    api.script.push(problem(status, code, { 'retry-after': '1' }));
    await expect(tokens.getToken()).rejects.toMatchObject({ code, status, retryAfter: 1 });
    expect(api.sent).toHaveLength(1);
  });

  it('not after an answer that is no token', async () => {
    const { api, tokens } = setup();
    api.script.push(Response.json({ hello: 'world' }));
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'invalid_answer' });
    expect(api.sent).toHaveLength(1);
  });

  it('five times at most, then the last failure is told', async () => {
    const { api, clock, tokens } = setup();
    for (let n = 0; n < 9; n++) api.script.push(problem(503, 'upstream_unavailable'));
    const failure = errorOf(tokens.getToken());
    await clock.advance(10_000);
    expect(await failure).toMatchObject({ code: 'upstream_unavailable', status: 503 });
    expect(api.sent).toHaveLength(5);
  });

  it('with a signature of its own each time', async () => {
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

  it('is none after a first broken connection, which a frozen environment has', () => {
    expect(pauseMs(unreachable, 1, 0.9)).toBe(0);
    expect(pauseMs(unreachable, 2, 0.9)).toBeGreaterThan(0);
  });

  it('grows, is jittered and stays below two seconds', () => {
    expect([2, 3, 4, 9].map((attempt) => pauseMs(unreachable, attempt, 1))).toEqual([400, 800, 1600, 2000]);
    expect(pauseMs(unreachable, 3, 0.25)).toBe(200);
  });

  it('is never shorter than Retry-After', () => {
    expect(pauseMs(busy, 1, 0)).toBe(3000);
    expect(pauseMs(busy, 1, 1)).toBe(3200);
  });
});

describe('a call ends', () => {
  it('after 30 s when nothing is answered', async () => {
    const { api, clock, tokens } = setup();
    const failure = errorOf(tokens.getToken());
    await clock.advance(29_999);
    expect(api.last().signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await failure).toMatchObject({ name: 'TokenVendingError', code: 'timeout' });
    expect(api.last().signal.aborted).toBe(true);
  });

  it('then with what was answered last, which says more', async () => {
    const { api, clock, tokens } = setup();
    api.script.push(problem(503, 'upstream_unavailable'));
    const failure = errorOf(tokens.getToken());
    await clock.advance(30_000);
    expect(await failure).toMatchObject({ code: 'upstream_unavailable' });
  });

  it('at once when Retry-After is longer than that', async () => {
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

  it('and leaves no timer behind', async () => {
    const { api, clock, tokens } = setup();
    api.script.push(vended('t1'));
    await tokens.getToken();
    await settle();
    expect(clock.waits).toEqual([]);
  });

  it('time spent frozen is not time spent: what was sent before is repeated after', async () => {
    const { api, clock, tokens } = setup();
    const waiting = tokens.getToken();
    await settle();
    clock.freeze(3_600_000);
    api.script.push(vended('t1'));
    api.last().fail(broken());
    expect(await waiting).toBe('t1');
  });
});
