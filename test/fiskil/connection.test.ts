import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Fault, type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { freePort } from '../support/processes';
import { httpAnswer, type RawServer, startRawServer } from '../support/raw-server';
import { answer, answerJson, cutShort, halfAnswer, reset, silence } from '../support/stand-in-faults';
import { mintAt, refusalOf } from './mint';

/** Milliseconds. Long enough to reach the server on a busy machine, short enough to wait for. */
const SHORT = 150;

let fiskil: StandIn;
let timeout: jest.SpiedFunction<typeof AbortSignal.timeout>;
const raw: RawServer[] = [];
beforeEach(async () => {
  timeout = jest.spyOn(AbortSignal, 'timeout');
  fiskil = await startStandIn();
});
afterEach(async () => {
  timeout.mockRestore();
  await Promise.all([fiskil.stop(), ...raw.splice(0).map((server) => server.stop())]);
});

async function startRaw(onFirstBytes?: (socket: Socket) => void): Promise<RawServer> {
  const server = await startRawServer(onFirstBytes);
  raw.push(server);
  return server;
}

describe('a connection that fails before an answer', () => {
  test('is tried once more, and the second answer counts', async () => {
    fiskil.answerNext(reset);
    expect((await mintAt(fiskil.url)).token).toBe(fiskil.mints[0]?.token);
    expect(fiskil.requests).toBe(2);
  });

  test('twice is an outage', async () => {
    fiskil.answerNext(reset, Infinity);
    expect(await refusalOf(mintAt(fiskil.url))).toEqual({ code: 'upstream_unavailable', reason: 'ECONNRESET' });
    expect(fiskil.requests).toBe(2);
  });

  test('by being closed in silence is one, too', async () => {
    const server = await startRaw((socket) => socket.end());
    expect(await refusalOf(mintAt(server.origin))).toEqual({ code: 'upstream_unavailable', reason: 'UND_ERR_SOCKET' });
    expect(server.received).toHaveLength(2);
  });

  test('because nobody listens is one, too', async () => {
    const url = `http://127.0.0.1:${await freePort()}/v1/token`;
    expect(await refusalOf(mintAt(url))).toEqual({ code: 'upstream_unavailable', reason: 'ECONNREFUSED' });
  });

  test('is not tried again once the time is over', async () => {
    // The clock of the client jumps over the end between the first attempt and the second.
    const times = [0, 5_000];
    fiskil.answerNext(reset);
    const code = await refusalOf(mintAt(fiskil.url, 5_000, () => times.shift() ?? 5_000));
    expect([code, fiskil.requests]).toEqual([{ code: 'upstream_unavailable', reason: 'ECONNRESET' }, 1]);
  });

  test('leaves the second attempt only the time that is left', async () => {
    const times = [0, 5_000 - SHORT];
    fiskil.answerNext(reset);
    fiskil.answerNext(silence);
    const refusal = refusalOf(mintAt(fiskil.url, 5_000, () => times.shift() ?? 0));
    expect(await timeoutsOf(refusal)).toEqual([5_000, SHORT]);
    expect(await refusal).toEqual({ code: 'upstream_unavailable', reason: 'timeout' });
  });
});

/** How long each attempt was given, in milliseconds. */
async function timeoutsOf(mint: Promise<unknown>): Promise<number[]> {
  await mint;
  return timeout.mock.calls.map(([ms]) => ms);
}

test('an attempt has 5 s at most, however much time there is for the mint', async () => {
  fiskil.answerNext(reset, 2);
  expect(await timeoutsOf(refusalOf(mintAt(fiskil.url, 13_000, () => 0)))).toEqual([5_000, 5_000]);
});

describe('an answer that is cut off in its middle', () => {
  test.each<[string, Fault]>([
    ['by the server', cutShort],
    [
      'by a reset',
      (request, response) => {
        response.writeHead(200, { 'content-length': 1_000 });
        response.write('{"token":"', () => request.socket.resetAndDestroy());
      },
    ],
  ])('%s is an outage, and costs no second mint', async (_what, fault) => {
    fiskil.answerNext(fault);
    expect(await refusalOf(mintAt(fiskil.url))).toMatchObject({ code: 'upstream_unavailable' });
    expect(fiskil.requests).toBe(1);
  });
});

describe('an answer that does not come to its end', () => {
  test.each<[string, Fault]>([
    ['begin', silence],
    ['end', halfAnswer],
  ])('because it does not %s is given up in time, and is not asked again', async (_what, fault) => {
    fiskil.answerNext(fault);
    expect(await refusalOf(mintAt(fiskil.url, SHORT))).toEqual({ code: 'upstream_unavailable', reason: 'timeout' });
    expect(fiskil.requests).toBe(1);
  });

  test('is given up in time also when the garbage collector runs meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    let collecting: NodeJS.Timeout | undefined;
    const server = await startRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"token":"');
      collecting = setInterval(collect, 20);
    });
    try {
      expect(await refusalOf(mintAt(server.origin, 2 * SHORT))).toMatchObject({ reason: 'timeout' });
    } finally {
      clearInterval(collecting);
    }
  });

  test('because a refusal is endless is let go of in time, and counts by its status', async () => {
    let closed: Promise<unknown> | undefined;
    fiskil.answerNext((_request, response) => {
      closed = once(response, 'close');
      response.writeHead(401);
      response.write('no');
    });
    expect(await refusalOf(mintAt(fiskil.url, 10 * SHORT))).toEqual({
      code: 'credentials_rejected',
      reason: 'HTTP 401',
    });
    await closed;
  });

  test('because it is endless is read up to 64 KB, and the connection is closed', async () => {
    const chunk = Buffer.alloc(16 * 1_024, 'a');
    let closed: Promise<unknown> | undefined;
    const server = await startRaw((socket) => {
      closed = new Promise((resolve) => socket.on('close', resolve));
      socket.write('HTTP/1.1 200 OK\r\n\r\n{"token":"');
      const push = () => {
        while (!socket.destroyed && socket.write(chunk)) {}
      };
      socket.on('drain', push);
      push();
    });
    const refusal = await refusalOf(mintAt(server.origin));
    expect(refusal).toEqual({ code: 'invalid_upstream_answer', reason: 'the body is too large' });
    await closed;
  });

  test('because a small body unfolds to a huge one is read up to 64 KB', async () => {
    const bomb = gzipSync(Buffer.alloc(8 * 1_024 * 1_024, 'a'));
    fiskil.answerNext(answer(200, bomb, { 'content-encoding': 'gzip' }));
    const refusal = await refusalOf(mintAt(fiskil.url));
    expect(refusal).toEqual({ code: 'invalid_upstream_answer', reason: 'the body is too large' });
  });
});

describe('an answer that is not HTTP', () => {
  test.each([
    ['no status line', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a header without an end', `HTTP/1.1 200 OK\r\nx-filler: ${'a'.repeat(40_000)}\r\n\r\n`],
    ['a body that is not as compressed as it says', httpAnswer(200, { 'content-encoding': 'gzip' }, 'plain text')],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nsize?\r\n{}'],
  ])('by having %s breaks the contract, and is not asked again', async (_what, bytes) => {
    const server = await startRaw((socket) => socket.end(bytes));
    expect(await refusalOf(mintAt(server.origin))).toMatchObject({ code: 'invalid_upstream_answer' });
    expect(server.received).toHaveLength(1);
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    'with %i is not followed: nothing reaches the place it names',
    async (status) => {
      const elsewhere = await startRaw((socket) =>
        socket.end(httpAnswer(200, {}, '{"token":"stolen","expires_in":900}')),
      );
      fiskil.answerNext(answer(status, '', { location: `${elsewhere.origin}/v1/token` }));
      expect(await refusalOf(mintAt(fiskil.url))).toEqual({ code: 'invalid_upstream_answer', reason: 'redirect' });
      expect([elsewhere.received, fiskil.requests]).toEqual([[], 1]);
    },
  );

  test('to Fiskil itself is not followed either', async () => {
    fiskil.answerNext(answer(307, '', { location: fiskil.url }));
    fiskil.answerNext(answerJson({ token: 'abc', expires_in: 900 }));
    expect(await refusalOf(mintAt(fiskil.url))).toMatchObject({ reason: 'redirect' });
    expect(fiskil.requests).toBe(1);
  });
});
