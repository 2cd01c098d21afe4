import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { TokenVendingError } from '../../client/errors';
import { createFiskilFetch } from '../../client/index';

const END_USERS = 'https://api.fiskil.com/v1/end-users';

interface Sent {
  readonly request: Request;
  readonly init: RequestInit | undefined;
  readonly body: string;
}

/** A provider that gives t1, and t2 once t1 is rejected. Its Fiskil refuses the given tokens. */
function setup({ refused = ['t1'], rejecting }: { refused?: string[]; rejecting?: () => Error } = {}) {
  const sent: Sent[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const rejected: string[] = [];
  let token = 't1';
  const provider = {
    getToken: async (options: { signal?: AbortSignal | undefined } = {}) => {
      options.signal?.throwIfAborted();
      signals.push(options.signal);
      return token;
    },
    reject: async (refusedToken: string, options: { signal?: AbortSignal | undefined } = {}) => {
      signals.push(options.signal);
      rejected.push(refusedToken);
      if (rejecting) throw rejecting();
      token = 't2';
      return token;
    },
  };
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    sent.push({ request, init, body: await request.text() });
    const isRefused = refused.some((bad) => request.headers.get('authorization') === `Bearer ${bad}`);
    return new Response(isRefused ? 'refused' : 'hello', { status: isRefused ? 401 : 200 });
  };
  return { fiskil: createFiskilFetch(provider, { fetch }), sent, rejected, signals };
}

const tokensOf = (sent: Sent[]) => sent.map(({ request }) => request.headers.get('authorization'));

describe('a call to Fiskil', () => {
  it('carries the token, and everything that the caller gave', async () => {
    const { fiskil, sent } = setup({ refused: [] });
    const url = `${END_USERS}?a=1&a=2&b=&c`;
    const response = await fiskil(url, { method: 'PATCH', headers: [['x-a', 'b']], redirect: 'manual', body: '{}' });

    expect(await response.text()).toBe('hello');
    const { request, body } = sent[0] as Sent;
    expect(request.url).toBe(url);
    expect(request.method).toBe('PATCH');
    expect(request.redirect).toBe('manual');
    expect(body).toBe('{}');
    expect(Object.fromEntries(request.headers)).toMatchObject({ authorization: 'Bearer t1', 'x-a': 'b' });
  });

  it('may be given as a Request or a URL', async () => {
    const { fiskil, sent } = setup({ refused: [] });
    const init: RequestInit = { method: 'POST', headers: { 'x-a': 'b' }, body: 'hello', redirect: 'error' };
    await fiskil(new Request(END_USERS, init));
    await fiskil(new URL(END_USERS));
    expect(sent[0]?.request).toMatchObject({ method: 'POST', redirect: 'error', url: END_USERS });
    expect(sent[0]?.request.headers.get('x-a')).toBe('b');
    expect(sent[0]?.body).toBe('hello');
    expect(tokensOf(sent)).toEqual(['Bearer t1', 'Bearer t1']);
  });

  it('replaces the caller’s own Authorization, because some clients always send one', async () => {
    const { fiskil, sent } = setup({ refused: [] });
    await fiskil(END_USERS, { headers: { Authorization: 'Bearer undefined' } });
    expect(tokensOf(sent)).toEqual(['Bearer t1']);
  });

  it.each<[string, (signal: AbortSignal) => [Request | string, RequestInit?]]>([
    ['init', (signal) => [END_USERS, { signal }]],
    ['a Request', (signal) => [new Request(END_USERS, { signal })]],
  ])('uses the signal of %s for the call and for the token', async (_, input) => {
    const { fiskil, sent, signals } = setup();
    const mine = new AbortController();
    await fiskil(...input(mine.signal));
    mine.abort();
    expect(sent.map(({ request }) => request.signal.aborted)).toEqual([true, true]);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
    await expect(fiskil(...input(mine.signal))).rejects.toMatchObject({ name: 'AbortError' });
    expect(sent).toHaveLength(2);
  });
});

describe('on 401', () => {
  it('rejects that token and repeats the call once with the other', async () => {
    const { fiskil, sent, rejected } = setup();
    expect((await fiskil(END_USERS)).status).toBe(200);
    expect(rejected).toEqual(['t1']);
    expect(tokensOf(sent)).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('returns the second 401, if the repeat gets one', async () => {
    const { fiskil, sent, rejected } = setup({ refused: ['t1', 't2'] });
    const response = await fiskil(END_USERS);
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('refused');
    expect(rejected).toEqual(['t1']);
    expect(sent).toHaveLength(2);
  });

  const form = new FormData();
  form.set('a', 'hello');

  it.each<[string, () => [Request | string, RequestInit?]]>([
    ['text', () => [END_USERS, { body: 'hello' }]],
    ['bytes', () => [END_USERS, { body: new TextEncoder().encode('hello') }]],
    ['a Blob', () => [END_USERS, { body: new Blob(['hello']) }]],
    ['parameters', () => [END_USERS, { body: new URLSearchParams({ hello: '' }) }]],
    ['a form', () => [END_USERS, { body: form }]],
    ['a Request', () => [new Request(END_USERS, { method: 'POST', body: 'hello' })]],
    ['init over a Request’s', () => [new Request(END_USERS, { method: 'POST', body: 'x' }), { body: 'hello' }]],
  ])('sends the body of %s again', async (_, input) => {
    const { fiskil, sent } = setup();
    const [target, init] = input();
    const response = await fiskil(target, init && { ...init, method: 'POST' });
    expect(response.status).toBe(200);
    expect(sent.map(({ body }) => body.includes('hello'))).toEqual([true, true]);
  });

  const chunks = async function* () {
    yield new TextEncoder().encode('hello');
  };

  it.each<[string, () => unknown]>([
    ['web stream', () => new Blob(['hello']).stream()],
    ['Node stream', () => Readable.from([Buffer.from('hello')])],
    ['generator', () => chunks()],
  ])('does not send a %s again, but replaces the token', async (_, body) => {
    const { fiskil, sent, rejected } = setup();
    const init = { method: 'POST', body: body() as ReadableStream, duplex: 'half' as const };
    const response = await fiskil(END_USERS, init);
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('refused');
    expect(sent.map(({ body }) => body)).toEqual(['hello']);
    expect(sent[0]?.init?.body).toBe(init.body);
    expect(rejected).toEqual(['t1']);
  });

  it('returns the 401 if there is no other token', async () => {
    const { fiskil, sent } = setup({ rejecting: () => new TokenVendingError('rejection_too_soon', '') });
    const response = await fiskil(END_USERS);
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('refused');
    expect(sent).toHaveLength(1);
  });

  it('ends with the reason of a signal that is aborted meanwhile', async () => {
    const mine = new AbortController();
    const { fiskil } = setup({
      rejecting: () => {
        mine.abort(new Error('my reason'));
        return new Error('any');
      },
    });
    await expect(fiskil(END_USERS, { signal: mine.signal })).rejects.toThrow('my reason');
  });
});

describe('a 401 that cannot be discarded', () => {
  const provider = { getToken: async () => 't1', reject: async () => 't2' };
  const unread = () => new Response('refused', { status: 401 });

  it.each<[string, (refused: Response) => unknown]>([
    ['is kept as a clone, as mocks and loggers do', (refused) => void refused.clone()],
    ['was read', (refused) => refused.text()],
    ['is locked', (refused) => void refused.body?.getReader()],
    ['has a body without `cancel`', (refused) => void Object.defineProperty(refused, 'body', { value: {} })],
    [
      'throws when it is cancelled',
      (refused) =>
        void Object.defineProperty(refused, 'body', {
          get() {
            throw new Error('no body here');
          },
        }),
    ],
  ])('because it %s does not prevent the second answer', async (_, spoil) => {
    let sent = 0;
    const fetch = async () => {
      if (sent++ > 0) return new Response('hello');
      const refused = unread();
      await spoil(refused);
      return refused;
    };
    expect(await (await createFiskilFetch(provider, { fetch })(END_USERS)).text()).toBe('hello');
  });
});

it('a mock’s 401 without a whole URL, or without most members of a Response, also leads to a repeat', async () => {
  for (const url of [undefined, '', '/v1/end-users']) {
    const answers = [{ status: 401, url }, new Response('hello')];
    const fetch = async () => answers.shift() as Response;
    const provider = { getToken: async () => 't1', reject: async () => 't2' };
    expect(await (await createFiskilFetch(provider, { fetch })(END_USERS)).text()).toBe('hello');
  }
});

describe('options', () => {
  it('minTtl goes to the provider at each call', async () => {
    const asked: unknown[] = [];
    const provider = {
      getToken: async (options?: { minTtl?: number | undefined }) => {
        asked.push(options?.minTtl);
        return 't1';
      },
      reject: async () => 't2',
    };
    const fetch = async () => new Response('hello');
    await createFiskilFetch(provider, { fetch, minTtl: 60 })(END_USERS);
    await createFiskilFetch(provider, { fetch })(END_USERS);
    expect(asked).toEqual([60, undefined]);
    expect(() => createFiskilFetch(provider, { minTtl: 1.5 })).toThrow('`minTtl`');
  });

  it('version is sent as X-Fiskil-Version, also at the repeat, unless the call has its own', async () => {
    const sent: (string | null)[] = [];
    const provider = { getToken: async () => 't1', reject: async () => 't2' };
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const { headers } = new Request(input, init);
      sent.push(headers.get('x-fiskil-version'));
      return new Response('', { status: headers.get('authorization') === 'Bearer t1' ? 401 : 200 });
    };
    const fiskil = createFiskilFetch(provider, { fetch, version: 'v2' });
    await fiskil(END_USERS);
    await fiskil(END_USERS, { headers: { 'x-fiskil-VERSION': 'v1' } });
    await createFiskilFetch(provider, { fetch })(END_USERS);
    expect(sent).toEqual(['v2', 'v2', 'v1', 'v1', null, null]);
    expect(() => createFiskilFetch(provider, { version: 'v2\ncanary' })).toThrow('`version`');
  });

  it('allowHttp permits http for a stand-in in another container, never for Fiskil or AWS', () => {
    const provider = { getToken: async () => 't1', reject: async () => 't2' };
    const make = (origin: string, allowHttp: boolean) => () =>
      createFiskilFetch(provider, { origins: [origin], allowHttp });
    expect(make('http://stand-in:4011', true)).not.toThrow();
    expect(make('http://stand-in:4011', false)).toThrow('`allowHttp: true`');
    expect(make('http://api.fiskil.com', true)).toThrow('`origins` must be https');
    expect(make('http://x.amazonaws.com', true)).toThrow('`origins` must be https');
  });
});

describe('the token goes only to the configured origins', () => {
  it.each([
    'https://api.fiskil.com.example.com/v1/end-users',
    'http://api.fiskil.com/v1/end-users',
    'https://api.fiskil.com:8443/v1/end-users',
    'https://api.fiskil.com@example.com/',
    'https://fiskil.com/',
    'http://127.0.0.1/',
    'data:,x',
  ])('%s is refused before the provider is asked for a token', async (url) => {
    const { fiskil, sent, signals } = setup();
    for (const input of [url, url.includes('@') ? url : new Request(url)]) {
      await expect(fiskil(input)).rejects.toMatchObject({ name: 'TokenVendingError', code: 'origin_not_allowed' });
    }
    expect(sent).toEqual([]);
    expect(signals).toEqual([]);
  });

  it('a text that is not a URL is refused too', async () => {
    await expect(setup().fiskil('/v1/end-users')).rejects.toThrow('Invalid URL');
  });

  const provider = { getToken: async () => 't1', reject: async () => 't2' };

  it.each([
    'http://api.fiskil.com',
    'http://localhost.example.com',
    'ftp://127.0.0.1',
    'api.fiskil.com',
    'https://api.fiskil.com/v1',
    'https://me@api.fiskil.com',
    'data:,x',
  ])('%s is not a valid origin', (origin) => {
    expect(() => createFiskilFetch(provider, { origins: [origin] })).toThrow('`origins`');
  });

  it.each([
    'https://sandbox.example.com',
    'https://sandbox.example.com:8443/',
    'http://127.0.0.1:4011',
    'http://[::1]:80',
  ])('%s is a valid origin', (origin) => {
    expect(() => createFiskilFetch(provider, { origins: [origin] })).not.toThrow();
  });
});
