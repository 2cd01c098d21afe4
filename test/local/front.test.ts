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
  front = await startFront(0, {
    vend: (event) => {
      events.push(event);
      return vend(event);
    },
    key: KEY,
    now: () => NOW,
    requestId: () => 'request-1',
    onRefused: (code) => refused.push(code),
    onFault: (error) => faults.push(error),
  });
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

describe('a connection', () => {
  const raw = (lines: string[]) => {
    const { port } = new URL(front.url);
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(lines.join('\r\n')));
    return text(socket);
  };

  test('that does not speak HTTP gets a 400 that is not stored, and does no harm', async () => {
    const answer = await raw(['HELO there', '', '']);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/\r\nCache-Control: no-store\r\n/);
    expect((await call()).status).toBe(200);
  });

  test('carries one request after the other', async () => {
    const lines = ['GET /v1/ HTTP/1.1', `Host: h`, ''];
    const answers = await raw([...lines, ...lines, 'GET /v1/ HTTP/1.1', 'Host: h', 'Connection: close', '', '']);
    expect(answers.match(/HTTP\/1\.1 403/g)).toHaveLength(3);
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
  const doors = { vend, key: KEY, now: () => NOW, requestId: () => '', onRefused: () => {}, onFault: () => {} };
  await expect(startFront(Number(port), doors)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
