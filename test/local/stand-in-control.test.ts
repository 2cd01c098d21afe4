import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { STAND_IN_PAIR, type StandIn, startStandIn } from '../../local/fiskil-stand-in';

let standIn: StandIn;
let clock: number;
beforeEach(async () => {
  clock = 1_700_000_000_000;
  standIn = await startStandIn({ now: () => clock });
});
afterEach(() => standIn.stop());

const CREDENTIALS = { client_id: STAND_IN_PAIR.clientId, client_secret: STAND_IN_PAIR.clientSecret };
const post = () =>
  fetch(standIn.url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(CREDENTIALS),
  });
const mint = async () => ((await (await post()).json()) as { token: string }).token;
const use = async (token: string) =>
  (await fetch(`${standIn.origin}/v1/end-users`, { headers: { authorization: `Bearer ${token}` } })).status;

const control = (method: string, body?: unknown, headers = { 'content-type': 'application/json' }) =>
  fetch(`${standIn.origin}/_control`, {
    method,
    ...(body !== undefined && { headers, body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const change = async (body: object) => {
  const answer = await control('POST', body);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

/** Names and flags by which Fiskil's callers tell errors apart. */
const ERRORS: [status: number, name: string, flags: { temporary: boolean; timeout: boolean; fault: boolean }][] = [
  [400, 'bad_request', { temporary: false, timeout: false, fault: false }],
  [401, 'unauthorized', { temporary: false, timeout: false, fault: false }],
  [403, 'forbidden', { temporary: false, timeout: false, fault: false }],
  [429, 'too_many_requests', { temporary: true, timeout: false, fault: false }],
  [500, 'internal_server_error', { temporary: false, timeout: false, fault: true }],
  [503, 'service_unavailable', { temporary: true, timeout: false, fault: true }],
];

describe('the stand-in, told to fail', () => {
  test.each(ERRORS)("answers %d in Fiskil's shape, with no Retry-After", async (status, name, flags) => {
    await change({ fail: status });
    const response = await post();
    expect([response.status, response.headers.get('content-type'), response.headers.get('retry-after')]).toEqual([
      status,
      'application/vnd.goa.error',
      null,
    ]);
    expect(await response.json()).toEqual({
      name,
      id: expect.stringMatching(/^err_[0-9a-f-]{36}$/),
      message: expect.any(String),
      ...flags,
    });
    expect(standIn.mints).toEqual([]);
  });

  test('sends a Retry-After when it is to', async () => {
    await change({ fail: 429, retry_after: 7 });
    expect((await post()).headers.get('retry-after')).toBe('7');
  });

  test('does so until its time is over, by itself', async () => {
    expect((await change({ fail: 503, for: '30s' })).body).toMatchObject({ fail: 503, for: 30 });
    clock += 29_999;
    expect((await post()).status).toBe(503);
    clock += 1;
    expect((await post()).status).toBe(200);
    expect(await (await control('GET')).json()).toMatchObject({ fail: null, for: null });
  });

  test('does so until it is told to stop, where no time was said', async () => {
    await change({ fail: 503 });
    clock += 86_400_000;
    expect((await post()).status).toBe(503);
    await change({ fail: null });
    expect((await post()).status).toBe(200);
  });
});

describe('the stand-in, told how tokens live', () => {
  test('gives them that life', async () => {
    await change({ life: 60 });
    expect(await (await post()).json()).toMatchObject({ expires_in: 60 });
  });

  test('revokes each after its time, though its life is longer', async () => {
    await change({ revoke: '20s' });
    const token = await mint();
    clock += 19_999;
    expect(await use(token)).toBe(200);
    clock += 1;
    expect([await use(token), await use(await mint())]).toEqual([401, 200]);
  });

  test('revokes at once all that there are, and none that come', async () => {
    const earlier = [await mint(), await mint()];
    await change({ revoke: 'now' });
    expect(await Promise.all(earlier.map(use))).toEqual([401, 401]);
    expect(await use(await mint())).toBe(200);
  });

  test.each([
    [true, 401],
    [false, 200],
  ])('with newest_only %p answers %d to the token of an earlier mint', async (newest_only, status) => {
    await change({ newest_only });
    const [earlier, newest] = [await mint(), await mint()];
    expect([await use(earlier), await use(newest)]).toEqual([status, 200]);
  });
});

test('latency is waited before an answer', async () => {
  await change({ latency: '60ms' });
  const before = performance.now();
  await post();
  // A timer may be a millisecond early.
  expect(performance.now() - before).toBeGreaterThanOrEqual(59);
});

describe('the control of the stand-in', () => {
  test('tells how it behaves, and what came so far', async () => {
    await mint();
    await change({ fail: 503, retry_after: 2 });
    await post();
    expect(await (await control('GET')).json()).toEqual({
      fail: 503,
      for: null,
      retry_after: 2,
      latency: 0,
      life: 900,
      newest_only: false,
      revoke: null,
      token_requests: 2,
      tokens_issued: 1,
    });
  });

  test('changes what is named, and nothing else', async () => {
    await change({ life: 60, latency: '10ms' });
    expect((await change({ life: 70 })).body).toMatchObject({ life: 70, latency: 0.01 });
  });

  test('makes it a good day again', async () => {
    await change({ fail: 503, life: 60, latency: '10ms', revoke: '1s', newest_only: true });
    const answer = await control('DELETE');
    expect(await answer.json()).toMatchObject({ fail: null, life: 900, latency: 0, revoke: null, newest_only: false });
    expect((await post()).status).toBe(200);
  });

  test.each<[unknown, RegExp]>([
    ['not JSON canary', /^the body must be a JSON object\.$/],
    [['canary'], /^the body must be a JSON object\.$/],
    [{ canary: 1 }, /^the body has an unknown member: the known ones are fail, for, retry_after, /],
    [{ fail: 'canary' }, /^fail must be an HTTP status from 400 to 599\.$/],
    [{ fail: 200 }, /^fail must be an HTTP status/],
    [{ fail: 503.5 }, /^fail must be an HTTP status/],
    [{ fail: 503, for: 'canary' }, /^for must be a time such as 500ms, 30s or 2m\.$/],
    [{ fail: 503, for: -1 }, /^for must be a time/],
    [{ for: '30s' }, /^for describes a failure: give fail too\.$/],
    [{ retry_after: 1 }, /^retry_after describes a failure: give fail too\.$/],
    [{ fail: 503, retry_after: 'canary' }, /^retry_after must be a whole number of seconds up to a day\.$/],
    [{ latency: { canary: 1 } }, /^latency must be a time/],
    [{ life: 0 }, /^life must be a whole number of seconds from 1s to a day\.$/],
    [{ life: '500ms' }, /^life must be a whole number of seconds/],
    [{ newest_only: 'canary' }, /^newest_only must be true or false\.$/],
    [{ revoke: 'canary' }, /^revoke must be a time/],
  ])('refuses %j, changes nothing, and quotes nothing', async (body, sentence) => {
    const answer = await control('POST', body);
    const { message } = (await answer.json()) as { message: string };
    expect([answer.status, message]).toEqual([400, expect.stringMatching(sentence)]);
    expect(message).not.toContain('canary');
    expect((await post()).status).toBe(200);
  });

  test.each([
    ['what a web page can send without asking', 'POST', '{"fail":503}', 415],
    ['a large body', 'POST', 'a'.repeat(100_000), 413],
    ['another method', 'PUT', '{}', 405],
  ])('refuses %s', async (_what, method, body, status) => {
    const type = status === 415 ? 'text/plain' : 'application/json';
    expect((await control(method, body, { 'content-type': type })).status).toBe(status);
    expect((await post()).status).toBe(200);
  });
});
