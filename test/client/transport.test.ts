import { afterEach, describe, expect, it } from '@jest/globals';
import { fetchTransport, nodeTransport, type Transport } from '../../client/transport';
import { closeAll, serve, serveTcp } from './loopback';
import { errorOf } from './support';

afterEach(closeAll);

const never = new AbortController().signal;

async function body(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe.each<[string, Transport]>([
  ['node:https', nodeTransport()],
  ['fetch', fetchTransport(globalThis.fetch)],
])('by %s', (_, transport) => {
  it('a request is sent unchanged, with its host, and its answer is returned', async () => {
    const origin = await serve(async (request, response) => {
      const seen = [request.method, request.url, request.headers.host, request.headers['x-a'], await body(request)];
      response.writeHead(418, { 'X-Amzn-RequestId': 'id-1' }).end(JSON.stringify(seen));
    });
    const url = new URL('/v1/tokens/default?min_ttl=7', origin);
    const answer = await transport({ method: 'POST', url, headers: { 'x-a': 'b' }, body: '{"é":1}', signal: never });

    expect(answer.status).toBe(418);
    expect(answer.header('x-amzn-requestid')).toBe('id-1');
    expect(answer.header('x-other')).toBeUndefined();
    expect(JSON.parse(answer.body)).toEqual(['POST', '/v1/tokens/default?min_ttl=7', url.host, 'b', '{"é":1}']);
  });

  it('a redirect is not followed', async () => {
    let asked = 0;
    const origin = await serve((_request, response) => {
      asked++;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect((await transport({ method: 'GET', url: new URL(origin), headers: {}, signal: never })).status).toBe(307);
    expect(asked).toBe(1);
  });

  it.each<[string, string]>([
    ['before any answer', ''],
    ['in the middle of one', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"tok'],
  ])('a connection that breaks %s is `unreachable`', async (_when, sent) => {
    const port = await serveTcp((socket) => socket.once('data', () => socket.end(sent)));
    const request = { method: 'GET', url: new URL(`http://127.0.0.1:${port}`), headers: {}, signal: never } as const;
    const error = await errorOf(transport(request));
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining(`http://127.0.0.1:${port}`) });
  });

  it('a refused connection is `unreachable` too, and the message has the system’s code', async () => {
    const port = await serveTcp(() => {});
    closeAll();
    const request = { method: 'GET', url: new URL(`http://127.0.0.1:${port}`), headers: {}, signal: never } as const;
    expect(await errorOf(transport(request))).toMatchObject({ message: expect.stringContaining('(ECONNREFUSED)') });
  });

  it.each([
    ['before the answer', ''],
    ['in the middle of it', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"tok'],
  ])('a signal ends the request %s, with the signal’s reason, and closes the connection', async (_when, sent) => {
    let closed: Promise<unknown> | undefined;
    const mine = new AbortController();
    const port = await serveTcp((socket) => {
      closed = new Promise((resolve) => socket.once('close', resolve));
      socket.once('data', () => {
        socket.write(sent);
        setImmediate(() => mine.abort(new Error('my reason')));
      });
    });
    const url = new URL(`http://127.0.0.1:${port}`);
    const error = await errorOf(transport({ method: 'GET', url, headers: {}, signal: mine.signal }));
    expect(error).toMatchObject({ message: 'my reason' });
    await closed;
  });

  it('many attempts leave no listeners on their signal', async () => {
    const warned: string[] = [];
    const hear = (warning: Error) => void warned.push(warning.name);
    process.on('warning', hear);
    const origin = await serve((_request, response) => void response.end('x'));
    const { signal } = new AbortController();
    for (let n = 0; n < 30; n++) await transport({ method: 'GET', url: new URL(origin), headers: {}, signal });
    await new Promise(setImmediate);
    process.off('warning', hear);
    expect(warned).toEqual([]);
  });

  it('an answer that is too long is refused', async () => {
    const origin = await serve((_request, response) => void response.end('x'.repeat(100_000)));
    const error = await errorOf(transport({ method: 'GET', url: new URL(origin), headers: {}, signal: never }));
    expect(error).toMatchObject({ code: 'invalid_answer' });
  });
});

describe('by node:https', () => {
  it('each request has its own connection, so that no frozen environment finds a dead one', async () => {
    const ports = new Set<number | undefined>();
    const origin = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end(request.headers.connection);
    });
    const send = () => nodeTransport()({ method: 'GET', url: new URL(origin), headers: {}, signal: never });
    expect((await send()).body).toBe('close');
    await send();
    expect(ports.size).toBe(2);
  });

  it('a peer that accepts and sends nothing costs only the connect timeout', async () => {
    const port = await serveTcp(() => {});
    const url = new URL(`https://127.0.0.1:${port}`);
    const error = await errorOf(nodeTransport(20)({ method: 'GET', url, headers: {}, signal: never }));
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('(ETIMEDOUT)') });
  });

  it('after the connection, the answer may take longer than the connect timeout', async () => {
    const origin = await serve((_request, response) => void setTimeout(() => response.end('late'), 60));
    const answer = await nodeTransport(20)({ method: 'GET', url: new URL(origin), headers: {}, signal: never });
    expect(answer.body).toBe('late');
  });
});
