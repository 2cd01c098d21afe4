import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isLoggable } from '../../lambda/fiskil/loggable';
import { CANARIES, tracesOf } from '../support/canaries';

const FORM = /^[A-Za-z0-9_.-]{1,80}$/;
/** As keys look, so that the form alone does not refuse their parts. */
const PAIR = { clientId: 'Fk7Id2Qp9Lw', clientSecret: 'aZ3xK9mQ7pL2vR8tY5wN1cB6' };

const isTaken = (text: unknown) => isLoggable(text, FORM, PAIR);

describe('what Fiskil said is logged only if', () => {
  test.each([
    ['an id as Fiskil has them', 'err_5f0c2b7e-9a1d-4c3b-8e6f-0123456789ab', true],
    ['a name', 'unauthorized', true],
    ['of 80 characters', 'x'.repeat(80), true],
    ['of 81', 'x'.repeat(81), false],
    ['nothing', '', false],
    ['with a line break at its end', 'err_1\n', false],
    ['with a control character', 'err_\u001b', false],
    ['a number', 7, false],
    ['an object', { id: 'err_1' }, false],
    ['the secret', PAIR.clientSecret, false],
    ['the half of it', PAIR.clientSecret.slice(12), false],
    ['six characters of it, in another', `err_${PAIR.clientSecret.slice(5, 11)}_1`, false],
    ['five characters of it, which may be chance', `err_${PAIR.clientSecret.slice(5, 10)}`, true],
    ['the secret in capitals', PAIR.clientSecret.toUpperCase(), false],
    ['the client id', PAIR.clientId, false],
    ['the secret in hex', Buffer.from(PAIR.clientSecret).toString('hex'), false],
    ['the secret in hex, after a digit', `0${Buffer.from(PAIR.clientSecret).toString('hex')}`, false],
    ['the secret in base64', Buffer.from(PAIR.clientSecret).toString('base64url'), false],
    [
      'the secret in base64, after other text',
      `x${Buffer.from(`id:${PAIR.clientSecret}`).toString('base64url')}`,
      false,
    ],
  ])('it is fit for a line: %s', (_what, text, taken) => {
    expect(isTaken(text)).toBe(taken);
  });
});

test('a pair of a few characters is not logged either', () => {
  expect(isLoggable('err_abc', FORM, { clientId: 'x', clientSecret: 'abc' })).toBe(false);
});

test('whatever is taken has no trace of a canary', () => {
  const canary = CANARIES.secret.replace(/[^A-Za-z0-9]/g, '');
  const piece = fc
    .tuple(fc.nat(canary.length), fc.nat(20), fc.constantFrom<BufferEncoding>('latin1', 'hex'))
    .map(([start, length, encoding]) => Buffer.from(canary.slice(start, start + length)).toString(encoding));
  let taken = 0;
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.stringMatching(/^[a-z_]{0,5}$/)), { maxLength: 4 }), (pieces) => {
      const text = pieces.join('');
      if (!isLoggable(text, FORM, { clientId: 'another-id', clientSecret: canary })) return;
      taken += 1;
      expect(tracesOf(canary, text)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
  expect(taken).toBeGreaterThan(100);
});
