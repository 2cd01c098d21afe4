import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { SigningKey } from '../../local/signature';
import type { SignedRequest } from '../../local/signature-claim';
import { type Parts, request, signAt, signatureCheck } from './sign';

const KEY: SigningKey = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'execute-api',
};
const SIGNED_AT = Date.parse('2015-08-30T12:36:00Z');
const MINUTE = 60_000;

describe('the worked examples of AWS', () => {
  const check = (service: string, parts: Parts, signedHeaders: string, signature: string) => {
    const credential = `AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
    const headers: [string, string][] = [
      ...(parts.headers ?? [['Host', 'example.amazonaws.com']]),
      ['X-Amz-Date', '20150830T123600Z'],
      ['Authorization', authorization],
    ];
    return signatureCheck({ ...KEY, service })(request({ ...parts, headers }), SIGNED_AT);
  };

  test('the request of the documentation', async () => {
    const headers: [string, string][] = [
      ['Host', 'iam.amazonaws.com'],
      ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
    ];
    const signature = '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7';
    const query = 'Action=ListUsers&Version=2010-05-08';
    expect(await check('iam', { headers, query }, 'content-type;host;x-amz-date', signature)).toBeUndefined();
  });

  test.each<[string, Parts, string, string]>([
    ['get-vanilla', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', { method: 'POST' }, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-vanilla-query-order-key-case',
      { query: 'Param2=value2&Param1=value1' },
      '',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-header-key-duplicate',
      { headers: ['value2', 'value2', 'value1'].map((value) => ['My-Header1', value]) },
      ';my-header1',
      'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
    ],
    [
      'get-header-value-trim',
      {
        headers: [
          ['My-Header1', ' value1'],
          ['My-Header2', ' "a   b   c"'],
        ],
      },
      ';my-header1;my-header2',
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
  ])('%s of the test suite', async (_name, parts, extraHeaders, signature) => {
    const headers: [string, string][] = [['Host', 'example.amazonaws.com'], ...(parts.headers ?? [])];
    const signed = `host${extraHeaders};x-amz-date`;
    expect(await check('service', { ...parts, headers }, signed, signature)).toBeUndefined();
    expect(await check('service', { ...parts, headers }, signed, signature.replace(/^./, 'e'))).toBe(
      'signature_invalid',
    );
  });
});

const sign = (parts: Parameters<typeof signAt>[2]) => signAt(SIGNED_AT, KEY, parts);
const checkOf = signatureCheck(KEY);
const check = (signed: SignedRequest, now = SIGNED_AT) => checkOf(signed, now);

describe('a request signed by the SDK', () => {
  test.each<[string, Parameters<typeof sign>[0]]>([
    ['plain', {}],
    ['with a repeated, an empty and an unsorted query', { query: 'b=2&a=&b=1&a-b=3&%C3%A9=%20' }],
    ['whose path holds encoded characters', { path: '/v1/tokens/%64ef%20ault%2F' }],
    ['with a body', { method: 'POST', body: '{"token_sha256":"é"}' }],
    ['of a session', { sessionToken: 'session' }],
    ['presigned', { presign: 60, query: 'min_ttl=60' }],
    ['presigned for a session', { presign: 60, sessionToken: 'session' }],
  ])('%s is taken', async (_what, parts) => {
    expect(await check(await sign(parts))).toBeUndefined();
  });

  test('with its query in another order and its headers in another case is the same request', async () => {
    const signed = await sign({ query: 'a=1&b=2' });
    const headers = signed.headers.map(([name, value]) => [name.toUpperCase(), ` ${value} `] as const);
    expect(await check({ ...signed, query: 'b=2&a=1', headers })).toBeUndefined();
  });

  test.each([
    ['key id', { accessKeyId: 'AKIDOTHER' }],
    ['secret', { secretAccessKey: 'other' }],
    ['region', { region: 'us-west-2' }],
    ['service', { service: 'sqs' }],
  ])('with another %s is refused', async (_what, key) => {
    expect(await check(await sign({ key }))).toBe('signature_invalid');
    expect(await check(await sign({ key, presign: 60 }))).toBe('signature_invalid');
  });

  test.each([
    [-5 * MINUTE - 1, 'signature_expired'],
    [-5 * MINUTE, undefined],
    [5 * MINUTE, undefined],
    [5 * MINUTE + 1, 'signature_expired'],
  ])('that arrives %d ms after its date gives %s', async (offset, expected) => {
    expect(await check(await sign({}), SIGNED_AT + offset)).toBe(expected);
  });

  test('is taken on any day, in any order', async () => {
    for (const days of [0, 1, 0]) {
      const time = SIGNED_AT + days * 24 * 60 * MINUTE;
      expect(await check(await signAt(time, KEY, {}), time)).toBeUndefined();
    }
  });

  test('presigned lives as long as it says, and not before its date', async () => {
    const signed = await sign({ presign: 604_800 });
    expect(await check(signed, SIGNED_AT + 604_800_000)).toBeUndefined();
    expect(await check(signed, SIGNED_AT + 604_800_001)).toBe('signature_expired');
    expect(await check(signed, SIGNED_AT - 5 * MINUTE - 1)).toBe('signature_expired');
  });

  test('with the hash of another body is refused, though the hash is signed', async () => {
    const hash = createHash('sha256').update('one body').digest('hex');
    const headers: [string, string][] = [
      ['host', '127.0.0.1'],
      ['x-amz-content-sha256', hash],
    ];
    expect(await check(await sign({ headers, body: 'one body' }))).toBeUndefined();
    expect(await check(await sign({ headers, body: 'another body' }))).toBe('signature_invalid');
  });
});

describe('a request signed by plain HMACs over the text that AWS documents', () => {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const SENT: Record<string, string> = {
    date: 'Sun, 30 Aug 2015 12:36:00 GMT',
    host: 'h',
    'user-agent': 'me',
    'x-amz-date': '20150830T123600Z',
  };
  const SCOPE = '20150830/us-east-1/execute-api/aws4_request';
  const signatureOf = (query: string, signed: string[]) => {
    const lines = signed.map((name) => `${name}:${SENT[name]}\n`).join('');
    const canonical = `GET\n/\n${query}\n${lines}\n${signed.join(';')}\n${hash('')}`;
    const toSign = `AWS4-HMAC-SHA256\n20150830T123600Z\n${SCOPE}\n${hash(canonical)}`;
    return hmac(SCOPE.split('/').reduce<string | Buffer>(hmac, `AWS4${KEY.secretAccessKey}`), toSign).toString('hex');
  };
  const signByHand = (sent: string[], signed: string[], credential = `AKIDEXAMPLE/${SCOPE}`) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signed.join(';')},Signature=${signatureOf('', signed)}`;
    return request({
      headers: [...sent.map((n): [string, string] => [n, SENT[n] ?? '']), ['Authorization', authorization]],
    });
  };
  const presignByHand = (expires: number) => {
    const credential = encodeURIComponent(`AKIDEXAMPLE/${SCOPE}`);
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=20150830T123600Z&X-Amz-Expires=${expires}&X-Amz-SignedHeaders=host`;
    return request({ headers: [['host', 'h']], query: `${query}&X-Amz-Signature=${signatureOf(query, ['host'])}` });
  };

  test.each([
    [604_800, undefined],
    [604_801, 'signature_invalid'],
    [0, 'signature_invalid'],
  ])('may be presigned for %d s: %s', async (expires, expected) => {
    expect(await check(presignByHand(expires))).toBe(expected);
  });

  // The SDK's own signer never signs these two.
  test('may sign the date header and the user agent', async () => {
    const names = ['date', 'host', 'user-agent'];
    expect(await check(signByHand(names, names))).toBeUndefined();
  });

  test('may leave out the hash of the body, which is checked nevertheless', async () => {
    const signed = signByHand(['host', 'x-amz-date'], ['host', 'x-amz-date']);
    const stating = (value: string) => ({
      ...signed,
      headers: [...signed.headers, ['x-amz-content-sha256', value] as const],
    });
    expect(await check(stating(hash('')))).toBeUndefined();
    expect(await check(stating(hash('another body')))).toBe('signature_invalid');
    expect(await check(stating('UNSIGNED-PAYLOAD'))).toBe('signature_invalid');
  });

  test.each([
    ['at its end', `AKIDEXAMPLE/${SCOPE}/more`],
    ['at its start', `more/AKIDEXAMPLE/${SCOPE}`],
  ])('must not name a credential with a part more %s', async (_where, credential) => {
    const names = ['host', 'x-amz-date'];
    expect(await check(signByHand(names, names))).toBeUndefined();
    expect(await check(signByHand(names, names, credential))).toBe('signature_invalid');
  });

  test.each([
    ['host', ['x-amz-date']],
    ['date', ['host']],
  ])('must sign the %s', async (_what, signed) => {
    expect(await check(signByHand(['host', 'x-amz-date'], ['host', 'x-amz-date']))).toBeUndefined();
    expect(await check(signByHand(['host', 'x-amz-date'], signed))).toBe('signature_invalid');
  });
});

describe('a request that is not signed', () => {
  test.each<[string, Parts]>([
    ['at all', {}],
    ['but has odd X-Amz parameters', { query: 'X-Amz-Date=20150830T123600Z&X-Amz-Expires=60' }],
    ['and whose query is broken', { query: 'a=%zz' }],
  ])('%s is told so', async (_what, parts) => {
    expect(await check(request(parts))).toBe('unsigned_or_unknown_route');
  });

  test.each([
    'Bearer abc',
    'AWS4-HMAC-SHA256',
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request',
    `AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
    '',
  ])('but has the Authorization header "%s" has a bad signature', async (value) => {
    const headers: [string, string][] = [
      ['host', 'h'],
      ['x-amz-date', '20150830T123600Z'],
      ['authorization', value],
    ];
    expect(await check(request({ headers }))).toBe('signature_invalid');
  });
});
