import { describe, expect, test } from '@jest/globals';
import { FiskilClient } from '../../lambda/fiskil/client';
import { STAND_IN_PAIR } from '../../local/fiskil-stand-in';
import { refusalOf } from './mint';

/** What an answer's body was read of: bytes that were asked for, and whether the client said that it wants no more. */
interface Watched {
  bytes: number;
  cancelled: boolean;
}

const CAP = 64 * 1_024;

/** A mint that is answered with a body of `size` bytes, 1 KB at a time and only as it is read. */
async function mintFrom(status: number, size: number) {
  const watched: Watched = { bytes: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = new Uint8Array(Math.min(1_024, size - watched.bytes)).fill(0x20);
        watched.bytes += chunk.byteLength;
        if (chunk.byteLength > 0) controller.enqueue(chunk);
        else controller.close();
      },
      cancel: () => {
        watched.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const client = new FiskilClient('http://127.0.0.1', Date.now, async () => new Response(body, { status }));
  const { reason } = await refusalOf(client.mint(STAND_IN_PAIR, 1_000));
  return { reason, ...watched };
}

test('a body of 64 KB is read whole', async () => {
  expect(await mintFrom(200, CAP)).toEqual({ reason: 'the body is not JSON', bytes: CAP, cancelled: false });
});

test('a body of one byte more is too large', async () => {
  expect(await mintFrom(200, CAP + 1)).toMatchObject({ reason: 'the body is too large' });
});

test('an endless body is let go of at the first byte too many', async () => {
  const read = await mintFrom(200, Number.POSITIVE_INFINITY);
  expect(read).toEqual({ reason: 'the body is too large', bytes: CAP + 1_024, cancelled: true });
});

test('the body of a refusal is read for its id, no further than any other', async () => {
  const read = await mintFrom(401, Number.POSITIVE_INFINITY);
  expect(read).toEqual({ reason: 'HTTP 401', bytes: CAP + 1_024, cancelled: true });
});

describe('letting go of a body changes nothing, where it', () => {
  const bytes = new Uint8Array(CAP + 1);
  const bodyThat = (cancel: () => Promise<void>) => ({
    getReader: () => ({ read: async () => ({ done: false, value: bytes }), cancel }),
  });
  const never = new Promise<void>(() => undefined);
  test.each<[string, () => Promise<void>]>([
    ['never ends', () => never],
    ['fails', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new TypeError('no');
      },
    ],
  ])('%s', async (_what, cancel) => {
    const answerWith = (status: number) =>
      Object.defineProperty(new Response(null, { status }), 'body', { value: bodyThat(cancel) });
    const reasonOf = async (status: number) => {
      const client = new FiskilClient('http://127.0.0.1', Date.now, async () => answerWith(status));
      return (await refusalOf(client.mint(STAND_IN_PAIR, 1_000))).reason;
    };
    expect([await reasonOf(200), await reasonOf(503)]).toEqual(['the body is too large', 'HTTP 503']);
  });

  test('was read by somebody else already', async () => {
    const response = new Response('{}', { status: 503 });
    response.body?.getReader();
    const client = new FiskilClient('http://127.0.0.1', Date.now, async () => response);
    expect(await refusalOf(client.mint(STAND_IN_PAIR, 1_000))).toEqual({
      code: 'upstream_unavailable',
      reason: 'HTTP 503',
    });
  });
});
