import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { GATEWAY_ANSWERS, type GatewayCode } from '../../lib/gateway-answers';
import { type Front, startFront } from '../../local/front';
import type { SignedRequest } from '../../local/signature-claim';
import { type SignParts, signAt } from './sign';

const KEY = { accessKeyId: 'local', secretAccessKey: 'secret', region: 'ap-southeast-2', service: 'execute-api' };
const NOW = Date.parse('2026-11-25T07:14:00Z');

let front: Front;
let events: APIGatewayProxyEvent[];
let faults: unknown[];
let refused: string[];
let vend: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult | undefined>;
beforeEach(async () => {
  events = [];
  faults = [];
  refused = [];
  vend = async () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{"token":"t"}' });
  front = await startFront(
    { port: 0 },
    {
      vend: (event) => {
        events.push(event);
        return vend(event);
      },
      key: KEY,
      now: () => NOW,
      requestId: () => 'request-1',
      onRefused: (code) => refused.push(code),
      onFault: (error) => faults.push(error),
    },
  );
});
afterEach(() => front.stop());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends exactly what it is given: fetch would tidy the path. */
const send = (signed: SignedRequest): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(front.url);
    const path = signed.query === '' ? signed.path : `${signed.path}?${signed.query}`;
    const outgoing = httpRequest({ port, host: '127.0.0.1', method: signed.method, path, agent: false });
    for (const [name, value] of signed.headers) outgoing.setHeader(name, value);
    outgoing.on('error', reject);
    outgoing.on('response', async (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) });
    });
    outgoing.end(signed.body);
  });

const host = (): [string, string] => ['host', new URL(front.url).host];
const call = async (parts: SignParts = {}) =>
  send(await signAt(NOW, KEY, { ...parts, headers: [host(), ...(parts.headers ?? [])] }));

function expectOwnAnswer(answer: Answer, code: GatewayCode, status = GATEWAY_ANSWERS[code].status) {
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    pragma: 'no-cache',
  });
  expect(JSON.parse(answer.body)).toMatchObject({ code, detail: GATEWAY_ANSWERS[code].detail });
}

describe('a signed request on a route', () => {
  test("is answered with the function's answer, an id and a date", async () => {
    vend = async () => ({
      statusCode: 503,
      headers: { 'Retry-After': 1, 'x-amzn-RequestId': 'of its own' },
      multiValueHeaders: { 'X-Two': ['a', 'b'] },
      body: 'é',
    });
    const answer = await call();
    expect([answer.status, answer.body]).toEqual([503, 'é']);
    expect(answer.headers).toMatchObject({ 'retry-after': '1', 'x-two': 'a, b', 'x-amzn-requestid': 'request-1' });
    expect(answer.headers.date).toBeDefined();
  });

  test('reaches the function as the event of a REST API', async () => {
    await call({ query: 'min_ttl=60&a=1&a=%26', headers: [['User-Agent', 'me']] });
    expect(events[0]).toMatchObject({
      resource: '/tokens/{credential}',
      path: '/tokens/default',
      httpMethod: 'GET',
      pathParameters: { credential: 'default' },
      queryStringParameters: { min_ttl: '60', a: '&' },
      multiValueQueryStringParameters: { min_ttl: ['60'], a: ['1', '&'] },
      body: null,
      isBase64Encoded: false,
      requestContext: {
        requestId: 'request-1',
        stage: 'v1',
        path: '/v1/tokens/default',
        resourcePath: '/tokens/{credential}',
        accountId: '000000000000',
        identity: {
          accessKey: 'local',
          userArn: 'arn:aws:iam::000000000000:user/local',
          sourceIp: '127.0.0.1',
          userAgent: 'me',
        },
      },
    });
    expect(events[0]?.headers).toMatchObject({ 'User-Agent': 'me' });
  });

  test('keeps its signature from the function', async () => {
    const signed = await signAt(NOW, KEY, { headers: [host()] });
    const headers = signed.headers.map(([name, value]) => [name.toUpperCase(), value] as const);
    for (const sent of [signed, { ...signed, headers }]) expect((await send(sent)).status).toBe(200);
    expect(events).toHaveLength(2);
    expect(JSON.stringify(events)).not.toContain('Signature=');
  });

  test('has null for a query that is not there', async () => {
    await call();
    expect([events[0]?.queryStringParameters, events[0]?.multiValueQueryStringParameters]).toEqual([null, null]);
  });

  test.each<[string, [string, string][]]>([
    ['whose length is told', []],
    ['in chunks', [['Transfer-Encoding', 'chunked']]],
  ])('brings its body, %s', async (_how, headers) => {
    const path = '/v1/tokens/default/rejections';
    const answer = await call({ method: 'POST', path, headers, body: '{"token_sha256":"é"}' });
    expect(answer.status).toBe(200);
    expect(events[0]).toMatchObject({ resource: '/tokens/{credential}/rejections', body: '{"token_sha256":"é"}' });
  });

  test('brings an encoded credential decoded, and the path as it was sent', async () => {
    await call({ path: '/v1/tokens/%64ef%2Fault' });
    expect(events[0]).toMatchObject({ path: '/tokens/%64ef%2Fault', pathParameters: { credential: 'def/ault' } });
  });

  test('may be presigned, and its signature reaches the function as parameters', async () => {
    expect((await call({ presign: 60 })).status).toBe(200);
    expect(events[0]?.queryStringParameters).toMatchObject({ 'X-Amz-Expires': '60' });
  });

  test('whose function throws gets a 502 that says nothing of the error', async () => {
    const error = new TypeError('canary');
    vend = () => Promise.reject(error);
    const answer = await call();
    expectOwnAnswer(answer, 'gateway_error', 502);
    expect([faults, JSON.stringify(answer)]).toEqual([[error], expect.not.stringContaining('canary')]);
  });

  test('whose function answers nothing gets a 502', async () => {
    vend = async () => undefined;
    expectOwnAnswer(await call(), 'gateway_error', 502);
  });
});

describe('a request that API Gateway would refuse', () => {
  test.each<[string, SignParts]>([
    ['another method', { method: 'DELETE' }],
    ['the method of the other route', { method: 'POST' }],
    ['HEAD', { method: 'HEAD' }],
    ['the root', { path: '/v1/' }],
    ['no stage', { path: '/tokens/default' }],
    ['another stage', { path: '/v2/tokens/default' }],
    ['a slash at the end', { path: '/v1/tokens/default/' }],
    ['two slashes', { path: '/v1//tokens/default' }],
    ['a path below', { path: '/v1/tokens/default/other' }],
    ['dot segments', { path: '/v1/tokens/..' }],
    ['broken encoding', { path: '/v1/tokens/%zz' }],
    ['an encoded route', { path: '/v1/%74okens/default' }],
  ])('is unknown: %s', async (_what, parts) => {
    const answer = await call(parts);
    if (parts.method === 'HEAD') expect(answer.status).toBe(403);
    else expectOwnAnswer(answer, 'unsigned_or_unknown_route');
    expect(events).toEqual([]);
  });

  test.each<[GatewayCode, SignParts]>([
    ['signature_invalid', { key: { secretAccessKey: 'wrong' } }],
    ['signature_invalid', { key: { region: 'us-east-1' } }],
    ['signature_invalid', { key: { service: 'lambda' } }],
  ])('is signed badly: %s %j', async (code, parts) => {
    expectOwnAnswer(await call(parts), code);
    expect([events, refused]).toEqual([[], [code]]);
  });

  test('is signed at another time', async () => {
    expectOwnAnswer(await send(await signAt(NOW - 301_000, KEY, { headers: [host()] })), 'signature_expired');
  });

  test('is not signed', async () => {
    const unsigned = { method: 'GET', path: '/v1/tokens/default', query: '', headers: [], body: Buffer.from('') };
    expectOwnAnswer(await send(unsigned), 'unsigned_or_unknown_route');
    expect(events).toEqual([]);
  });

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:4010'])(
    'comes from a page under the name %s, which was made to point here',
    async (name) => {
      expectOwnAnswer(await send(await signAt(NOW, KEY, { headers: [['host', name]] })), 'unsigned_or_unknown_route');
      expect(events).toEqual([]);
    },
  );

  test('is larger than 10 MB', async () => {
    const parts = { method: 'POST', path: '/v1/tokens/default/rejections' };
    const within = await call({ ...parts, body: 'a'.repeat(10 * 1024 * 1024) });
    expect(within.status).toBe(200);
    const answer = await call({ ...parts, body: 'a'.repeat(10 * 1024 * 1024 + 1) });
    expectOwnAnswer(answer, 'payload_too_large');
    expect(events).toHaveLength(1);
  });
});

/** What comes back on a connection that stays open: the body never comes, so the answer cannot depend on it. */
async function firstAnswer(sent: string): Promise<{ head: string; body: string }> {
  const socket = connect(Number(new URL(front.url).port), '127.0.0.1', () => socket.write(sent));
  let received = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    received += chunk;
    const [head = '', body] = received.split('\r\n\r\n', 2);
    const length = /^content-length: (\d+)$/im.exec(head)?.[1];
    if (body !== undefined && Buffer.byteLength(body) >= Number(length)) return { head, body };
  }
  throw new Error(`cut off after ${JSON.stringify(received)}`);
}

describe('before a byte of its body has come, a request is refused', () => {
  const path = '/v1/tokens/default/rejections';
  const headOf = async (parts: SignParts, length: number, more: [string, string][] = [], time = NOW) => {
    const signed = await signAt(time, KEY, { method: 'POST', path, headers: [host()], ...parts });
    const target = signed.query === '' ? signed.path : `${signed.path}?${signed.query}`;
    const headers = [...signed.headers, ['content-length', String(length)], ...more];
    return [`POST ${target} HTTP/1.1`, ...headers.map((pair) => pair.join(': ')), '', ''].join('\r\n');
  };
  const unsigned = (length: number) => `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n\r\n`;
  const LARGE = 9_900_000;

  test.each<[string, GatewayCode, () => Promise<string> | string]>([
    ['unsigned', 'unsigned_or_unknown_route', () => unsigned(LARGE)],
    [
      'with a signature in pieces',
      'signature_invalid',
      () => unsigned(LARGE).replace('\r\n', '\r\nAuthorization: AWS4\r\n'),
    ],
    ['by an unknown key', 'signature_invalid', () => headOf({ key: { accessKeyId: 'other' } }, LARGE)],
    ['for another region', 'signature_invalid', () => headOf({ key: { region: 'us-east-1' } }, LARGE)],
    ['for another service', 'signature_invalid', () => headOf({ key: { service: 'sqs' } }, LARGE)],
    ['an hour old', 'signature_expired', () => headOf({}, LARGE, [], NOW - 3_600_000)],
    [
      'presigned an hour ago for a minute',
      'signature_expired',
      () => headOf({ presign: 60 }, LARGE, [], NOW - 3_600_000),
    ],
    ['too large', 'payload_too_large', () => headOf({}, 10 * 1024 * 1024 + 1)],
  ])('%s: %s', async (_what, code, head) => {
    const { body } = await firstAnswer(await head());
    expect([JSON.parse(body).code, refused, events]).toEqual([code, [code], []]);
  });

  test('and is not asked for the body that it offers to wait with', async () => {
    const { head } = await firstAnswer(await headOf({}, 10 * 1024 * 1024 + 1, [['expect', '100-continue']]));
    expect(head).toMatch(/^HTTP\/1\.1 413 /);
    expect(head).toMatch(/^connection: close$/im);
    const accepted = await headOf({ body: 'a' }, 1, [['expect', '100-continue']]);
    const socket = connect(Number(new URL(front.url).port), '127.0.0.1', () => socket.write(accepted));
    const first = await new Promise((resolve) => socket.setEncoding('utf8').once('data', resolve));
    expect(first).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('a');
    expect(await new Promise((resolve) => socket.once('data', resolve))).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  test('and the connection takes the next one, once the body has come', async () => {
    const { port } = new URL(front.url);
    const socket = connect(Number(port), '127.0.0.1', () => socket.end(`${unsigned(3)}abc${unsigned(0)}`));
    expect((await text(socket)).match(/HTTP\/1\.1 403/g)).toHaveLength(2);
  });
});

describe('a connection', () => {
  const raw = (lines: string[]) => {
    const { port } = new URL(front.url);
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(lines.join('\r\n')));
    return text(socket);
  };

  test.each<[string, string[], number, GatewayCode]>([
    ['what is no HTTP', ['HELO there'], 400, 'gateway_error'],
    ['a method that there is not', ['FOO /v1/ HTTP/1.1', 'Host: 127.0.0.1'], 400, 'gateway_error'],
    ['a space in the path', ['GET /v1/ tokens HTTP/1.1', 'Host: 127.0.0.1'], 400, 'gateway_error'],
    ['HTTP/2 from the start', ['PRI * HTTP/2.0', '', 'SM'], 400, 'gateway_error'],
    ['no Host', ['GET /v1/tokens/default HTTP/1.1'], 400, 'gateway_error'],
    ['no Host, in HTTP/1.0', ['GET /v1/tokens/default HTTP/1.0'], 400, 'gateway_error'],
    ['two lengths', ['GET /v1/ HTTP/1.1', 'Content-Length: 1', 'Content-Length: 2'], 400, 'gateway_error'],
    ['20 KB of headers', ['GET /v1/ HTTP/1.1', `A: ${'a'.repeat(20_000)}`], 431, 'gateway_error'],
    ['an expectation', ['GET /v1/ HTTP/1.1', 'Host: 127.0.0.1', 'Expect: x'], 417, 'gateway_error'],
    ['CONNECT', ['CONNECT example.com:443 HTTP/1.1', 'Host: example.com:443'], 403, 'unsigned_or_unknown_route'],
    [
      'an upgrade',
      ['GET /v1/ HTTP/1.1', 'Host: h', 'Connection: upgrade', 'Upgrade: h2c'],
      403,
      'unsigned_or_unknown_route',
    ],
    ['OPTIONS *', ['OPTIONS * HTTP/1.1', 'Host: h'], 403, 'unsigned_or_unknown_route'],
    ['a proxy request', ['GET http://h/v1/ HTTP/1.1', 'Host: h'], 403, 'unsigned_or_unknown_route'],
  ])('that brings %s is answered as others are, and does no harm', async (_what, lines, status, code) => {
    const answer = await firstAnswer([...lines, '', ''].join('\r\n'));
    expect(answer.head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
    for (const header of ['Content-Type: application/problem\\+json', 'Cache-Control: no-store', 'Pragma: no-cache']) {
      expect(answer.head).toMatch(new RegExp(`\r\n${header}(\r\n|$)`, 'i'));
    }
    expect(JSON.parse(answer.body)).toMatchObject({ code, detail: GATEWAY_ANSWERS[code].detail });
    expect(refused).toEqual([code]);
    expect((await call()).status).toBe(200);
  });

  test('carries one request after the other', async () => {
    const lines = ['GET /v1/ HTTP/1.1', `Host: h`, ''];
    const answers = await raw([...lines, ...lines, 'GET /v1/ HTTP/1.1', 'Host: h', 'Connection: close', '', '']);
    expect(answers.match(/HTTP\/1\.1 403/g)).toHaveLength(3);
  });

  test('whose body turns out to be none after its answer gets no second answer', async () => {
    const head = [
      'POST /v1/tokens/default/rejections HTTP/1.1',
      'Host: 127.0.0.1',
      'Transfer-Encoding: chunked',
      '',
      '',
    ];
    const socket = connect(Number(new URL(front.url).port), '127.0.0.1', () => socket.write(head.join('\r\n')));
    let received = '';
    for await (const chunk of socket.setEncoding('utf8')) {
      received += chunk;
      if (received.endsWith('}')) socket.write('no chunk\r\n');
    }
    expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  test('that breaks in the middle of a body does no harm', async () => {
    const { port } = new URL(front.url);
    const head = 'POST /v1/tokens/default/rejections HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc';
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(head, () => socket.resetAndDestroy()));
      socket.on('close', () => resolve());
    });
    expect((await call()).status).toBe(200);
    expect(faults).toEqual([]);
  });

  test('to another address of this machine is not taken', async () => {
    const socket = connect(Number(new URL(front.url).port), '::1');
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      socket.once('error', resolve);
      socket.once('connect', () => resolve(undefined));
    });
    socket.destroy();
    expect(error?.syscall).toBe('connect');
  });

  test('is closed by stop, though it is kept alive', async () => {
    const { port } = new URL(front.url);
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('GET /v1/ HTTP/1.1\r\nHost: h\r\n\r\n'));
    await new Promise((resolve) => socket.once('data', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await front.stop();
    await closed;
  });
});

test('a port that is in use is an error', async () => {
  const { port } = new URL(front.url);
  const dependencies = { vend, key: KEY, now: () => NOW, requestId: () => '', onRefused: () => {}, onFault: () => {} };
  await expect(startFront({ port: Number(port) }, dependencies)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
