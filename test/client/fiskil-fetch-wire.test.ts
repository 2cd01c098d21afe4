import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createFiskilFetch } from '../../client/index';
import { closeAll, serve } from './loopback';
import { errorOf, settle } from './support';

afterEach(closeAll);

/** What the global `fetch` sends over real connections. */
describe('on the wire', () => {
  function provider() {
    const rejected: string[] = [];
    let token = 't1';
    const reject = async (refused: string) => {
      rejected.push(refused);
      token = 't2';
      return token;
    };
    return { rejected, getToken: async () => token, reject };
  }

  it('a redirect to another origin is followed without the token, and a 401 from there does not reject the token', async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end('elsewhere');
    });
    const origin = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: `${elsewhere}/x` }).end();
    });
    const tokens = provider();
    const response = await createFiskilFetch(tokens, { origins: [origin] })(`${origin}/v1/end-users`);

    expect(await response.text()).toBe('elsewhere');
    expect(seen).toEqual(['Bearer t1', undefined]);
    expect(tokens.rejected).toEqual([]);
  });

  it.each([
    ['to another allowed origin', false],
    ['to another and back', true],
  ])('a 401 after a redirect %s does not reject the token, because `fetch` removed it', async (_, isBack) => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (isBack) response.writeHead(302, { location: `${first}/back` }).end();
      else response.writeHead(401).end();
    });
    const first = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === '/back') response.writeHead(401).end();
      else response.writeHead(302, { location: `${other}/x` }).end();
    });
    const tokens = provider();
    const response = await createFiskilFetch(tokens, { origins: [first, other] })(`${first}/a`);
    expect(response.status).toBe(401);
    expect(seen.slice(1)).toEqual(isBack ? [undefined, undefined] : [undefined]);
    expect(tokens.rejected).toEqual([]);
  });

  it('an abort signal of another library also ends the call to Fiskil', async () => {
    const origin = await serve(() => {});
    const heard: (() => void)[] = [];
    const signal = {
      aborted: false,
      addEventListener: (_: string, hear: () => void) => void heard.push(hear),
      removeEventListener: () => {},
    };
    const fiskil = createFiskilFetch(provider(), { origins: [origin] });
    const call = errorOf(fiskil(`${origin}/a`, { signal: signal as unknown as AbortSignal }));
    await settle();
    signal.aborted = true;
    for (const hear of heard) hear.call(signal);
    expect(await call).toBeDefined();
  });

  it('a redirect within the origin keeps the token', async () => {
    const seen: (string | undefined)[] = [];
    const origin = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(request.url === '/a' ? 302 : 200, { location: '/b' }).end();
    });
    await createFiskilFetch(provider(), { origins: [origin] })(`${origin}/a`);
    expect(seen).toEqual(['Bearer t1', 'Bearer t1']);
  });

  it('when a Request is repeated, both have its whole body, its length and its query', async () => {
    const seen: unknown[] = [];
    const origin = await serve(async (request, response) => {
      const { url, headers } = request;
      seen.push([url, headers['content-length'], headers['content-type'], await size(request)]);
      response.writeHead(headers.authorization === 'Bearer t1' ? 401 : 200).end();
    });
    const body = 'x'.repeat(300_000);
    const request = new Request(`${origin}/a?b=1&b=2`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/csv' },
    });
    const response = await createFiskilFetch(provider(), { origins: [origin] })(request);

    expect(response.status).toBe(200);
    const once = ['/a?b=1&b=2', '300000', 'text/csv', 300_000];
    expect(seen).toEqual([once, once]);
  });

  it('a stream is sent in full', async () => {
    const origin = await serve(async (request, response) => void response.end(String(await size(request))));
    const parts = async function* () {
      for (let part = 0; part < 5; part++) yield new Uint8Array(50_000);
    };
    const init = { method: 'POST', body: parts() as unknown as ReadableStream, duplex: 'half' as const };
    const response = await createFiskilFetch(provider(), { origins: [origin] })(`${origin}/a`, init);
    expect(await response.text()).toBe('250000');
  });
});

async function size(request: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  return bytes;
}
