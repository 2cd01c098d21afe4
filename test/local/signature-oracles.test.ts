import { describe, expect, test } from '@jest/globals';
import * as aws4 from 'aws4';
import * as fc from 'fast-check';
import type { SignedRequest } from '../../local/signature-claim';
import { request, type SignParts, signAt, signatureCheck } from './sign';

const KEY = { accessKeyId: 'local', secretAccessKey: 'a secret', region: 'ap-southeast-2', service: 'execute-api' };
const DATE = '20261125T071400Z';
const NOW = Date.parse('2026-11-25T07:14:00Z');
const HOST = '127.0.0.1:4010';

const check = signatureCheck(KEY);

/** Any characters, and often those that are encoded in an own way. */
const text = fc.string({
  unit: fc.oneof(fc.constantFrom(..."!'()*~-._+%=&/;, "), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
});
// What the SDK's signer and aws4 make of a parameter `__proto__` is another request than was sent.
const name = text.filter((sent) => sent !== '' && sent !== '__proto__');
const segment = text.filter((sent) => !['', '.', '..'].includes(sent));
const parts: fc.Arbitrary<Required<Pick<SignParts, 'method' | 'path' | 'query' | 'headers' | 'body'>>> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  path: fc
    .array(segment, { minLength: 1 })
    .map((segments) => segments.map((s) => `/${encodeURIComponent(s)}`).join('')),
  query: fc
    .array(fc.tuple(name, text))
    .map((pairs) => pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')),
  headers: fc.string().map((value): [string, string][] => [
    ['host', HOST],
    ['x-any', value],
  ]),
  body: text,
});

async function expectTaken(signed: SignedRequest) {
  expect(await check(signed, NOW)).toBeUndefined();
  expect(await signatureCheck({ ...KEY, secretAccessKey: 'another secret' })(signed, NOW)).toBe('signature_invalid');
}

describe('what is signed by others with the key, and only that, is taken', () => {
  test("the SDK's signer", () =>
    fc.assert(fc.asyncProperty(parts, async (given) => expectTaken(await signAt(NOW, KEY, given)))));

  test("the SDK's signer, presigned", () =>
    fc.assert(
      fc.asyncProperty(parts, async ({ headers, ...given }) =>
        expectTaken(await signAt(NOW, KEY, { ...given, headers: headers.slice(0, 1), presign: 60 })),
      ),
    ));

  test('aws4', () =>
    fc.assert(
      fc.asyncProperty(parts, async ({ method, path, query, headers, body }) => {
        const signed = aws4.sign(
          {
            ...{ method, path: `${path}?${query}`, body, host: HOST, service: KEY.service, region: KEY.region },
            headers: { ...Object.fromEntries(headers), 'X-Amz-Date': DATE },
          },
          { accessKeyId: KEY.accessKeyId, secretAccessKey: KEY.secretAccessKey },
        );
        const sent = Object.entries(signed.headers ?? {}).map(([n, value]): [string, string] => [n, String(value)]);
        await expectTaken(request({ method, path, query, headers: sent, body }));
      }),
    ));
});
