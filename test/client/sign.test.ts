import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Scope, sign, type UnsignedRequest } from '../../client/sign';

// The key pair of AWS's examples.
const EXAMPLE = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const date = new Date('2015-08-30T12:36:00Z');

describe('known answers', () => {
  it('the worked example of AWS’s SigV4 documentation (IAM ListUsers)', async () => {
    const headers = await sign(
      {
        method: 'GET',
        url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'),
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      },
      { credentials: EXAMPLE, region: 'us-east-1', service: 'iam', date },
    );
    expect(headers.authorization).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });

  it.each([
    ['get-vanilla', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ])('AWS’s test suite: %s', async (_, path, signature) => {
    const url = new URL(path, 'https://example.amazonaws.com');
    const scope = { credentials: EXAMPLE, region: 'us-east-1', service: 'service', date };
    const headers = await sign({ method: 'GET', url, headers: {} }, scope);
    expect(headers.authorization).toMatch(new RegExp(`Signature=${signature}$`));
  });
});

describe('any request', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 });
  const odd = fc.constantFrom("*!()'", '+', ' ', '~', '%', '=', '&', '/', 'é', '', 'X-Amz-Date');
  const word = fc.oneof(text, odd);
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    segments: fc.array(
      word.filter((part) => part !== '' && !/^\.+$/.test(part)),
      { maxLength: 4 },
    ),
    query: fc.array(fc.tuple(word, word), { maxLength: 5 }),
    body: fc.option(fc.oneof(text, fc.uint8Array({ maxLength: 64 })), { nil: undefined }),
    sessionToken: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
    region: fc.constantFrom('ap-southeast-2', 'cn-north-1'),
  });

  it('has the signature that the specification, followed line by line, gives', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, segments, query, body, sessionToken, region }) => {
        const url = new URL('https://abc123.execute-api.ap-southeast-2.amazonaws.com');
        url.pathname = segments.map(encodeURIComponent).join('/');
        url.search = query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
        const request = { method, url, body, headers: body === undefined ? {} : { 'Content-Type': 'text/plain' } };
        const scope = { credentials: { ...EXAMPLE, sessionToken }, region, service: 'execute-api', date };

        const { authorization, ...headers } = await sign(request, scope);
        expect(headers['x-amz-security-token']).toBe(sessionToken);
        expect(authorization).toBe(byTheBook({ ...request, headers }, scope));
      }),
      { numRuns: 300 },
    );
  });
});

/** Signature Version 4 as its documentation tells it, with nothing taken from the signer under test. */
function byTheBook(
  { method, url, headers, body }: UnsignedRequest,
  { credentials, region, service, date }: Scope,
): string {
  const lower = Object.entries({ ...headers, host: url.host }).map(([name, value]) => [name.toLowerCase(), value]);
  const all = lower.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const canonical = [
    method,
    url.pathname.split('/').map(uriEncode).join('/'),
    url.search
      .slice(1)
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => pair.split('=').map((part) => uriEncode(decodeURIComponent(part))))
      .sort(([a = '', x = ''], [b = '', y = '']) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
      .map((pair) => pair.join('='))
      .join('&'),
    ...all.map(([name, value]) => `${name}:${value}`),
    '',
    all.map(([name]) => name).join(';'),
    hash(body ?? ''),
  ].join('\n');
  const time = date.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = [time.slice(0, 8), region, service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), hash(canonical)].join('\n');
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  const names = all.map(([name]) => name).join(';');
  return `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`;
}

function uriEncode(part: string): string {
  return [...Buffer.from(part)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9\-._~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function hash(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
