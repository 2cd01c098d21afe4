import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { BUNDLE, bundle } from '../../lib/bundle';

const folder = mkdtempSync(join(tmpdir(), 'warm-up-'));
const file = join(folder, BUNDLE);
beforeAll(() => void bundle(join(__dirname, '../../lambda/handler.ts'), file));
afterAll(() => rmSync(folder, { recursive: true }));

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** What happened, in order: reads with the number of their connection, and the first call. */
let happened: string[];

/** How a table answers a read. */
type Answer = (response: ServerResponse) => void;

const record: Answer = (response) => {
  const now = Math.floor(Date.now() / 1_000);
  const strings = { credential: 'default', token: 'a-token', token_id: 'a', client_id: 'b', secret_version: 'c' };
  const numbers = { issued_at: now, expires_at: now + 900 };
  const item = {
    ...Object.fromEntries(Object.entries(strings).map(([name, S]) => [name, { S }])),
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { N: String(value) }])),
    vended: { BOOL: true },
  };
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify({ Item: item }));
};
const failure: Answer = (response) => void response.writeHead(500).end();
const denial: Answer = (response) =>
  void response.writeHead(400).end(JSON.stringify({ __type: 'com.amazon#AccessDeniedException' }));
const silence: Answer = () => undefined;

/** Starts the bundle with a table that answers like this until the first call, then calls it once. */
async function startAndCall(
  answerAtStart: Answer,
): Promise<{ statusCode: number; startTimers: number[]; addressMs: number }> {
  happened = [];
  const connections: unknown[] = [];
  const table: RequestListener = (request, response) => {
    if (request.url === '/called') {
      happened.push('called');
      response.end();
      return;
    }
    if (!connections.includes(request.socket)) connections.push(request.socket);
    happened.push(`read on connection ${connections.indexOf(request.socket)}`);
    (happened.includes('called') ? record : answerAtStart)(response);
  };
  server = createServer(table).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const script = `
    const { getDefaultAutoSelectFamilyAttemptTimeout } = await import('node:net');
    const { setTimeout } = globalThis;
    const timers = [];
    globalThis.setTimeout = (go, ms, ...rest) => {
      timers.push(ms);
      return setTimeout(go, ms, ...rest);
    };
    const { handler } = await import(${JSON.stringify(file)});
    const startTimers = [...timers];
    await fetch('${endpoint}/called');
    const answer = await handler({ httpMethod: 'GET', path: '/tokens/default' });
    process.stdout.write('ANSWER' + JSON.stringify({ ...answer, startTimers, addressMs: getDefaultAutoSelectFamilyAttemptTimeout() }), () => process.exit(0));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_LAMBDA_FUNCTION_NAME: 'vend',
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      TABLE_NAME: 'tokens',
      SECRET_IDS: '{"default":"fiskil/default"}',
      TOKEN_URL: 'http://127.0.0.1:9/v1/token',
    },
  });
  return JSON.parse(stdout.split('ANSWER')[1] ?? '');
}

test('the start reads the table; the first call uses the same connection, but not the answer', async () => {
  expect(await startAndCall(record)).toMatchObject({ statusCode: 200 });
  expect(happened).toEqual(['read on connection 0', 'called', 'read on connection 0']);
});

test('a table that does not answer delays the start by half a second at most', async () => {
  expect((await startAndCall(silence)).startTimers).toContain(500);
});

test('each address of a host gets a second, because a throttled processor can need more than Node’s 250 ms', async () => {
  expect((await startAndCall(record)).addressMs).toBe(1_000);
});

test.each(Object.entries({ failure, denial, silence }))(
  'if the table answers the start with %s, the first call still succeeds',
  async (_name, answer) => {
    expect(await startAndCall(answer)).toMatchObject({ statusCode: 200 });
    expect(happened[0]).toBe('read on connection 0');
  },
);
