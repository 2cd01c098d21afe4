import { expect, test } from '@jest/globals';
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

test('the body of a refusal is not read at all', async () => {
  expect(await mintFrom(401, Number.POSITIVE_INFINITY)).toEqual({ reason: 'HTTP 401', bytes: 0, cancelled: true });
});
