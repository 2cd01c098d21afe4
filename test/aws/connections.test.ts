import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { clientOptions, DYNAMODB_TIMEOUTS } from '../../lambda/aws/timeouts';
import { startHttpServer } from '../support/http-server';
import { until } from '../support/until';
import { storeAt } from './doors';

test('however many calls ran at once, one connection is kept for the next', async () => {
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  const table = await startHttpServer((request, response) => {
    sockets.add(request.socket);
    held.push(() => response.end('{}'));
    if (held.length === 3) for (const answer of held) answer();
  });
  try {
    const store = storeAt(table.origin);
    await Promise.all(['one', 'two', 'three'].map((credential) => store.read(credential)));
    expect(sockets.size).toBe(3);
    const isClosed = (socket: Socket) => socket.destroyed;
    await until('two of them to end', 5_000, async () => [...sockets].filter(isClosed).length === 2 || undefined);
  } finally {
    await table.stop();
  }
  const { httpAgent, httpsAgent } = clientOptions(DYNAMODB_TIMEOUTS).requestHandler;
  expect(httpsAgent).toEqual(httpAgent);
});

test('many calls at once open eight connections, and each call is answered', async () => {
  const sockets = new Set<Socket>();
  const table = await startHttpServer((request, response) => {
    sockets.add(request.socket);
    setImmediate(() => response.end('{}'));
  });
  try {
    const store = storeAt(table.origin);
    const reads = Array.from({ length: 100 }, (_, credential) => store.read(`c${credential}`));
    expect(await Promise.all(reads)).toHaveLength(100);
    expect(sockets.size).toBe(8);
  } finally {
    await table.stop();
  }
});
