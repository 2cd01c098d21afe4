import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VendingError } from '../../lambda/vending/errors';
import { type Fault, STAND_IN_PAIR, type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { answer, answerJson } from '../support/stand-in-faults';
import { mintAt } from './mint';

const ID = 'err_5f0c2b7e-9a1d-4c3b-8e6f-0123456789ab';
const GOA = { 'content-type': 'application/vnd.goa.error' };

let fiskil: StandIn;
beforeEach(async () => {
  fiskil = await startStandIn();
});
afterEach(() => fiskil.stop());

/** What is kept of an answer, and the code that it is. */
async function kept(fault: Fault, timeoutMs?: number) {
  fiskil.answerNext(fault, Number.POSITIVE_INFINITY);
  const error = await mintAt(fiskil.url, timeoutMs).then(
    () => undefined,
    (thrown: VendingError) => thrown,
  );
  expect(fiskil.requests).toBe(1);
  return { code: error?.code, ...error?.said };
}

describe('of an error of Fiskil', () => {
  test.each([
    [400, 'invalid_upstream_answer'],
    [401, 'credentials_rejected'],
    [403, 'credentials_rejected'],
    [429, 'upstream_throttled'],
    [503, 'upstream_unavailable'],
  ])('with %i the id and the name are kept, and its message is not', async (status, code) => {
    const body = { name: 'unauthorized', id: ID, message: 'no', temporary: false, timeout: false, fault: false };
    expect(await kept(answer(status, JSON.stringify(body), GOA))).toEqual({
      code,
      upstream_error_id: ID,
      upstream_error_name: 'unauthorized',
    });
  });

  test('the one is kept where the other is unfit', async () => {
    expect(await kept(answerJson({ id: ID, name: 'no such name' }, 401))).toMatchObject({ upstream_error_id: ID });
    fiskil.clearFaults();
  });

  const { clientId, clientSecret } = STAND_IN_PAIR;
  const withId = (id: unknown) => JSON.stringify({ id, name: id, message: clientSecret });
  test.each<[string, string | Buffer]>([
    ['a page', `<html><title>${ID}</title></html>`],
    ['nothing', ''],
    ['null', 'null'],
    ['a text', JSON.stringify(ID)],
    ['a list', JSON.stringify([ID])],
    ['JSON that is cut off', withId(ID).slice(0, -1)],
    ['an id that is an object', withId({ id: ID })],
    ['an id that is a number', withId(7)],
    ['an id with a control character', withId(`${ID}\u001b[2J`)],
    ['an id of two lines', withId(`${ID}\n${ID}`)],
    ['an id of 81 characters', withId('x'.repeat(81))],
    ['the secret for an id', withId(clientSecret)],
    ['the half of the secret in an id', withId(`err_${clientSecret.slice(6)}`)],
    ['the client id for an id', withId(clientId)],
    ['5 MB', withId(ID) + ' '.repeat(5 * 1_024 * 1_024)],
    ['what is compressed to little and unfolds to 8 MB', gzipSync(Buffer.alloc(8 * 1_024 * 1_024, ' '))],
  ])('nothing is kept where the body is %s', async (_what, body) => {
    const headers = typeof body === 'string' ? {} : { 'content-encoding': 'gzip' };
    expect(await kept(answer(401, body, headers))).toEqual({ code: 'credentials_rejected' });
  });

  /** Begins a body and leaves it there. */
  const unfinished =
    (bytes: string | Buffer, headers = {}): Fault =>
    (_request, response) => {
      response.writeHead(401, headers);
      response.write(bytes);
    };
  const gzipped = gzipSync(JSON.stringify({ id: ID }).padEnd(4_000));
  test.each<[string, Fault]>([
    [
      'goes on and on',
      (_request, response) => {
        response.writeHead(401);
        const push = () => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384, ' '))) {}
        };
        response.on('drain', push);
        push();
      },
    ],
    ['stops in its middle', unfinished('{"id":"')],
    ['is compressed and does not end', unfinished(gzipped.subarray(0, -8), { 'content-encoding': 'gzip' })],
    ['is not compressed as it says', unfinished('plain', { 'content-encoding': 'gzip' })],
    [
      'is cut off',
      (request, response) => {
        response.writeHead(401, { 'content-length': 1_000 });
        response.write('{"id":"', () => request.socket.destroy());
      },
    ],
  ])('nothing is kept where the body %s, and the code is that of the status, in time', async (_what, fault) => {
    expect(await kept(fault, 300)).toEqual({ code: 'credentials_rejected' });
  });
});
