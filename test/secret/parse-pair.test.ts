import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePair } from '../../lambda/secret/parse-pair';
import { VendingError } from '../../lambda/vending/errors';
import { CANARIES, everythingOf, tracesOf } from '../support/canaries';
import { BAD_PASTES } from './bad-pastes';

const { secret } = CANARIES;

function refusalOf(text: string | undefined): VendingError {
  try {
    parsePair(text);
  } catch (error) {
    if (error instanceof VendingError) return error;
    throw error;
  }
  throw new Error('the pair was taken');
}

const rows = (client_id: unknown, client_secret: unknown) => JSON.stringify({ client_id, client_secret });

describe('a pair', () => {
  test('is read from its two rows, whatever stands beside them', () => {
    const text = JSON.stringify({ client_id: 'an-id', client_secret: secret, next_client_id: '', note: { by: 'Ada' } });
    expect(parsePair(text)).toEqual({ clientId: 'an-id', clientSecret: secret });
  });

  test('is read from white space around the JSON, as editors leave it', () => {
    expect(parsePair(`\n ${rows('an-id', 'a-secret')}\n`)).toEqual({ clientId: 'an-id', clientSecret: 'a-secret' });
  });

  test('is read from other rows where those are named', () => {
    const text = JSON.stringify({
      client_id: 'old',
      client_secret: 'old',
      next_client_id: 'an-id',
      next_client_secret: 'a-secret',
    });
    expect(parsePair(text, { clientId: 'next_client_id', clientSecret: 'next_client_secret' })).toEqual({
      clientId: 'an-id',
      clientSecret: 'a-secret',
    });
  });
});

describe('a secret that was pasted wrongly is told by what is wrong:', () => {
  test.each(BAD_PASTES)('%s', (_what, text, sentence) => {
    const error = refusalOf(text);
    expect(error).toMatchObject({ code: 'credential_not_configured', detail: sentence, reason: sentence });
    expect(tracesOf(secret, everythingOf(error))).toEqual([]);
    expect(everythingOf(error)).not.toContain('12345678');
  });
});

test('no text of a secret whatever gets into the error about it', () => {
  // Everything that JSON can be, with the secret in places where a value or a key may stand.
  const { value } = fc.letrec((again) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(secret, ` ${secret}`, `${secret}\n`, `“${secret}”`, `${secret}é`),
      fc.constantFrom<unknown>('', 'an-id', null, 5, true),
      fc.array(again('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('client_id', 'client_secret', 'Client_Id', '__proto__', secret), again('value')),
    ),
  }));
  const texts = fc.tuple(value, fc.constantFrom('', ' ', '\ufeff', secret), fc.integer({ min: 0, max: 40 })).map(
    // Cut off, and with something in front: as a hand that slips pastes it.
    ([json, before, cut]) => `${before}${JSON.stringify(json).slice(cut > 20 ? cut - 20 : 0)}`,
  );
  fc.assert(
    fc.property(
      fc.oneof(
        texts,
        fc.string().map((noise) => noise + secret),
      ),
      (text) => {
        try {
          parsePair(text);
        } catch (error) {
          expect(error).toMatchObject({ name: 'VendingError', code: 'credential_not_configured', retryAfter: 2 });
          expect(tracesOf(secret, everythingOf(error))).toEqual([]);
        }
      },
    ),
    // About 2 ms each on a busy machine.
    { numRuns: 200 },
  );
});
