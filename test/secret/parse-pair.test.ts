import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePair } from '../../lambda/secret/parse-pair';
import { VendingError } from '../../lambda/vending/errors';
import { CANARIES, everythingOf, tracesOf } from '../support/canaries';

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
  const looks = 'it must be a JSON object with the keys "client_id" and "client_secret"';
  const notJson = `The secret is not JSON; ${looks}.`;
  const noObject = `The secret is JSON, but not an object; ${looks}.`;
  const noKey = (row: string) => `The secret has no key "${row}" (spelt exactly so); ${looks}.`;
  const edges = (row: string) => `"${row}" begins or ends with a space or a line break.`;
  const odd = (row: string) => `"${row}" holds a space, a line break or a character that is not plain ASCII.`;

  test.each<[string, string | undefined, string]>([
    ['as it was deployed', rows('', ''), 'The secret is still empty: paste client_id and client_secret into it.'],
    ['binary', undefined, `The secret is binary; ${looks}, as text.`],
    ['an empty text', '', `The secret is an empty text; ${looks}.`],
    ['white space', ' \n', `The secret is an empty text; ${looks}.`],
    ['bare text of 5 characters', secret.slice(0, 5), notJson],
    ['bare text of 20 characters', secret.slice(0, 20), notJson],
    ['bare text of 200 characters', secret.repeat(6).slice(0, 200), notJson],
    ['lines of a form', `client_id=an-id\nclient_secret=${secret}`, notJson],
    ['JSON in curly quotes', `{“client_id”:“an-id”,“client_secret”:“${secret}”}`, notJson],
    ['JSON that is cut off', rows('an-id', secret).slice(0, -2), notJson],
    ['a bare number', '12345', noObject],
    ['a text in quotes', JSON.stringify(secret), noObject],
    ['null', 'null', noObject],
    ['a list', JSON.stringify(['an-id', secret]), noObject],
    ['an empty object', '{}', noKey('client_id')],
    ['the id alone', JSON.stringify({ client_id: 'an-id' }), noKey('client_secret')],
    ['the secret alone', JSON.stringify({ client_secret: secret }), noKey('client_id')],
    ['a row by another spelling', JSON.stringify({ clientId: 'an-id', client_secret: secret }), noKey('client_id')],
    ['the secret as a key', JSON.stringify({ client_id: 'an-id', [secret]: '' }), noKey('client_secret')],
    ['rows inside another', JSON.stringify({ fiskil: JSON.parse(rows('an-id', secret)) }), noKey('client_id')],
    ['rows that only a prototype has', '{"__proto__":{"client_id":"a","client_secret":"b"}}', noKey('client_id')],
    ['a number for an id', rows(12_345, secret), '"client_id" is not a text.'],
    ['an object for a secret', rows('an-id', { value: secret }), '"client_secret" is not a text.'],
    ['null for a secret', rows('an-id', null), '"client_secret" is not a text.'],
    ['an empty id', rows('', secret), '"client_id" is empty.'],
    ['an empty secret', rows('an-id', ''), '"client_secret" is empty.'],
    ['a line break at the end', rows('an-id', `${secret}\n`), edges('client_secret')],
    ['a line break at the beginning', rows('an-id', `\r\n${secret}`), edges('client_secret')],
    ['a space at the end', rows('an-id ', secret), edges('client_id')],
    ['a space at the beginning', rows('an-id', ` ${secret}`), edges('client_secret')],
    ['a space that does not break', rows('an-id', `${secret}\u00a0`), edges('client_secret')],
    [
      'curly quotes around a value',
      rows('an-id', `“${secret}”`),
      '"client_secret" holds curly quotes, as a word processor makes them.',
    ],
    ['a line break in the middle', rows('an-id', `${secret}\n${secret}`), odd('client_secret')],
    ['a letter that is not ASCII', rows('an-ïd', secret), odd('client_id')],
    ['a dash that a word processor made', rows('an–id', secret), odd('client_id')],
  ])('%s', (_what, text, sentence) => {
    const error = refusalOf(text);
    expect(error).toMatchObject({ code: 'credential_not_configured', detail: sentence });
    expect(tracesOf(secret, everythingOf(error))).toEqual([]);
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
