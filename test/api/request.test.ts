import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ApiRequest, parseRequest, parseRoute } from '../../lambda/api/request';
import { VendingError } from '../../lambda/vending/errors';
import { apiEvent, type Call } from './event';

const CREDENTIALS = new Set(['default', 'sandbox-energy']);
const HASH = 'a1b2c3d4'.repeat(8);

const parseEvent = (event: unknown): ApiRequest => parseRequest(event, parseRoute(event, CREDENTIALS));
const parse = (call: Call) => parseEvent(apiEvent(call));

function codeOf(event: unknown): string {
  try {
    parseEvent(event);
  } catch (error) {
    if (error instanceof VendingError) return error.code;
    throw error;
  }
  return 'taken';
}

const vend = { kind: 'vend', credential: 'default' };
const reject = { kind: 'reject', credential: 'default', tokenSha256: HASH };
const rejections = (body?: string, more: Call = {}): Call => ({
  method: 'POST',
  path: '/tokens/default/rejections',
  ...(body !== undefined && { body }),
  ...more,
});
const hashed = (hash: unknown) => JSON.stringify({ token_sha256: hash });

describe('a call', () => {
  test('for a token', () => expect(parse({})).toEqual(vend));

  test('for a token of another credential', () => {
    expect(parse({ path: '/tokens/sandbox-energy' })).toEqual({ kind: 'vend', credential: 'sandbox-energy' });
  });

  test('below the base path of a custom domain', () => {
    expect(parse({ path: '/fiskil/tokens/default' })).toEqual(vend);
    expect(parse({ path: '//tokens/default' })).toEqual(vend);
    expect(parse(rejections(hashed(HASH), { path: '/a/b/tokens/default/rejections' }))).toEqual(reject);
  });

  test.each([
    ['POST', '/tokens/default'],
    ['PUT', '/tokens/default'],
    ['DELETE', '/tokens/default'],
    ['HEAD', '/tokens/default'],
    ['OPTIONS', '/tokens/default'],
    ['get', '/tokens/default'],
    ['', '/tokens/default'],
    ['GET', '/tokens/default/rejections'],
    ['PUT', '/tokens/default/rejections'],
    ['GET', '/tokens/default/'],
    ['GET', '/tokens//default'],
    ['GET', '/tokens/default/rejections/x'],
    ['GET', '/tokens/default/x'],
    ['POST', '/tokens/default/rejections/'],
    ['POST', '/tokens/default//rejections'],
    ['GET', '/tokens'],
    ['GET', '/'],
    ['GET', ''],
    ['GET', 'tokens/default'],
    ['GET', '/Tokens/default'],
    ['GET', '/mytokens/default'],
  ])('%s %s is none of the API', (method, path) => {
    expect(codeOf(apiEvent({ method, path, body: hashed(HASH) }))).toBe('invalid_request');
  });

  test.each([
    ['an encoded letter', '%64efault'],
    ['another case', 'Default'],
    ['a dot segment', '..'],
    ['an encoded slash', 'default%2Frejections'],
    ['a space', 'default '],
    ['an encoded zero byte', 'default%00'],
    ['a plus', '+default'],
    ['nothing', ''],
    ['a query that was encoded', 'default%3Fmin_ttl=5'],
    ['a name that objects have', 'constructor'],
    ['a name that all objects share', '__proto__'],
    ['a longer name', 'default-2'],
    ['the beginning of a name', 'defaul'],
  ])('whose credential has %s names none that is configured', (_what, name) => {
    expect(codeOf(apiEvent({ path: `/tokens/${name}` }))).toBe('unknown_credential');
    expect(codeOf(apiEvent(rejections(hashed(HASH), { path: `/tokens/${name}/rejections` })))).toBe(
      'unknown_credential',
    );
  });
});

describe('min_ttl', () => {
  test.each([
    ['0', 0],
    ['600', 600],
    ['007', 7],
    // 15 digits are exact as a number; that no token lives so long is the engine's to say.
    ['999999999999999', 999_999_999_999_999],
  ])('%s is taken', (value, minTtl) => {
    expect(parse({ query: { min_ttl: [value] } })).toEqual({ ...vend, minTtl });
  });

  test.each([
    ['below nothing', ['-1']],
    ['a fraction', ['1.5']],
    ['a word', ['abc']],
    ['empty', ['']],
    ['twice', ['60', '60']],
    ['not there', []],
    ['huge', ['9'.repeat(16)]],
    ['beyond all numbers', ['9'.repeat(400)]],
    ['with a sign', ['+60']],
    ['with a space', [' 60']],
    ['with a line break', ['60\n']],
    ['in another base', ['0x3c']],
    ['with an exponent', ['6e1']],
    ['in the digits of another script', ['٦٠']],
    ['with a unit', ['60s']],
  ])('%s is refused', (_what, values) => {
    expect(codeOf(apiEvent({ query: { min_ttl: values } }))).toBe('invalid_request');
  });

  test('is read where the event has the older form of the query alone', () => {
    const event = { ...apiEvent(), queryStringParameters: { min_ttl: '60' }, multiValueQueryStringParameters: null };
    expect(parseEvent(event)).toEqual({ ...vend, minTtl: 60 });
  });
});

describe('a query parameter', () => {
  const presigned = { 'X-Amz-Algorithm': ['AWS4-HMAC-SHA256'], 'X-Amz-Signature': ['abc'], 'X-Amz-Date': ['1', '2'] };

  test('of a presigned request is not ours', () => {
    expect(parse({ query: presigned })).toEqual(vend);
    expect(parse({ query: { ...presigned, min_ttl: ['60'] } })).toEqual({ ...vend, minTtl: 60 });
    expect(parse(rejections(hashed(HASH), { query: presigned }))).toEqual(reject);
  });

  test.each(['ttl', 'Min_ttl', 'min-ttl', 'min_ttl ', '', 'x-amz-date', 'X-Min-Ttl', '__proto__', 'constructor'])(
    'called "%s" is refused, alone and beside min_ttl',
    (name) => {
      const unknown = Object.fromEntries([[name, ['1']]]);
      expect(codeOf(apiEvent({ query: unknown }))).toBe('invalid_request');
      expect(
        codeOf(
          apiEvent({
            query: Object.fromEntries([
              ['min_ttl', ['60']],
              [name, ['1']],
            ]),
          }),
        ),
      ).toBe('invalid_request');
    },
  );

  test('of any name is refused on a rejection', () => {
    expect(codeOf(apiEvent(rejections(hashed(HASH), { query: { min_ttl: ['60'] } })))).toBe('invalid_request');
  });
});

describe('a rejection', () => {
  test('names a token by its hash', () => expect(parse(rejections(hashed(HASH)))).toEqual(reject));

  test.each<[string, Call]>([
    ['in upper case', rejections(hashed(HASH.toUpperCase()))],
    ['in mixed case', rejections(hashed(HASH.replaceAll('a', 'A')))],
    [
      'in base64, as a client of binary bodies sends it',
      rejections(Buffer.from(hashed(HASH)).toString('base64'), { isBase64Encoded: true }),
    ],
    ['among white space', rejections(`\n {"token_sha256" : "${HASH}"} \n`)],
    ['beside another member', rejections(JSON.stringify({ reason: '401', token_sha256: HASH }))],
    ['in a body of 1 KB', rejections(hashed(HASH).padEnd(1_024))],
    [
      'in a body of 1 KB, in base64',
      rejections(Buffer.from(hashed(HASH).padEnd(1_024)).toString('base64'), { isBase64Encoded: true }),
    ],
  ])('may give it %s', (_how, call) => {
    expect(parse(call)).toEqual(reject);
  });

  test.each<[string, string | undefined]>([
    ['nothing', undefined],
    ['an empty text', ''],
    ['no JSON', 'token_sha256=abc'],
    ['null', 'null'],
    ['a list', JSON.stringify([HASH])],
    ['a text', JSON.stringify(HASH)],
    ['no hash', '{}'],
    ['a hash that is not a text', hashed(5)],
    ['a list of hashes', hashed([HASH])],
    ['a short hash', hashed(HASH.slice(1))],
    ['a long hash', hashed(`${HASH}0`)],
    ['a hash that is not hexadecimal', hashed(`g${HASH.slice(1)}`)],
    ['a hash and a line break', hashed(`${HASH}\n`)],
    ['a token instead', JSON.stringify({ token: 'eyJ' })],
    ['a hash that is only inherited', `{"__proto__":{"token_sha256":"${HASH}"}}`],
    ['1 KB and a byte', hashed(HASH).padEnd(1_025)],
    ['100 KB', hashed(HASH).padEnd(102_400)],
    ['100 KB without an end to its nesting', '['.repeat(102_400)],
  ])('whose body holds %s is refused', (_what, body) => {
    expect(codeOf(apiEvent(rejections(body)))).toBe('invalid_request');
  });

  test('whose body is said to be base64 and is not, or is too large inside, is refused', () => {
    expect(codeOf(apiEvent(rejections(hashed(HASH), { isBase64Encoded: true })))).toBe('invalid_request');
    const large = Buffer.from(hashed(HASH).padEnd(1_025)).toString('base64');
    expect(codeOf(apiEvent(rejections(large, { isBase64Encoded: true })))).toBe('invalid_request');
  });
});

test('nothing whatever in the place of an event does more than be refused', () => {
  const part = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('/tokens/default', 'GET', { toString: 1 }, ['/tokens/default']),
  );
  const events = fc.oneof(
    fc.anything(),
    fc.jsonValue(),
    // Close to an event, with anything in each place.
    fc.record(
      {
        httpMethod: part,
        path: part,
        queryStringParameters: part,
        multiValueQueryStringParameters: part,
        body: part,
        isBase64Encoded: part,
      },
      { requiredKeys: [] },
    ),
    fc.tuple(part, part).map(([query, body]) => ({
      ...apiEvent(rejections()),
      multiValueQueryStringParameters: query,
      body,
    })),
  );
  fc.assert(
    fc.property(events, (event) => {
      expect(['taken', 'invalid_request', 'unknown_credential']).toContain(codeOf(event));
    }),
    { numRuns: 2_000 },
  );
});
