import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { SignedRequest } from '../../local/signature-claim';
import { type SignParts, signAt, signatureCheck } from './sign';

const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', region: 'us-east-1', service: 'execute-api' };
const SIGNED_AT = Date.parse('2015-08-30T12:36:00Z');
const HOST: [string, string][] = [['host', '127.0.0.1:4010']];
const checkOf = signatureCheck(KEY);
const check = (signed: SignedRequest, now = SIGNED_AT) => checkOf(signed, now);
const sign = (parts: SignParts) => signAt(SIGNED_AT, KEY, parts);

describe('a well-signed request of which one thing was changed is refused', () => {
  let header: SignedRequest;
  let presigned: SignedRequest;
  beforeAll(async () => {
    const parts = { method: 'POST', query: 'min_ttl=60&a=b', body: '{"a":1}' };
    header = await sign({ ...parts, headers: [...HOST, ['x-custom', 'one']] });
    presigned = await sign({ ...parts, headers: [...HOST, ['custom', 'one']], presign: 60 });
  });
  const bad = async (changed: SignedRequest, now?: number) => expect(await check(changed, now)).toMatch(/^signature_/);
  const both = () => [header, presigned];
  const property = <T>(arbitrary: fc.Arbitrary<T>, predicate: (value: T) => Promise<void>) =>
    fc.assert(fc.asyncProperty(arbitrary, predicate), { numRuns: 50 });

  test('its method', () =>
    property(fc.constantFrom('GET', 'PUT', 'post', 'DELETE', 'HEAD'), async (method) => {
      for (const signed of both()) await bad({ ...signed, method });
    }));

  test('a character of its path', () =>
    property(fc.tuple(fc.nat(), fc.constantFrom(..."abz09-_~%!*'()é")), async ([at, char]) => {
      const path = replaceAt('/v1/tokens/default', at, char);
      fc.pre(path !== '/v1/tokens/default' && path.startsWith('/'));
      for (const signed of both()) await bad({ ...signed, path });
    }));

  test('a parameter, by any name, added to its query', () =>
    property(fc.tuple(fc.string(), fc.string()), async ([name, value]) => {
      fc.pre(name !== '' || value !== '');
      for (const signed of both()) {
        await bad({ ...signed, query: `${signed.query}&${encodeURIComponent(name)}=${encodeURIComponent(value)}` });
      }
    }));

  // fast-check finds this one only now and then, and the signing library takes it for something else.
  test('a parameter named __proto__, added to its query', async () => {
    for (const signed of both()) await bad({ ...signed, query: `${signed.query}&__proto__=a` });
  });

  test('a parameter taken from its query', async () => {
    for (const signed of both()) {
      const params = signed.query.split('&');
      for (const taken of params.filter((param) => !param.startsWith('X-Amz-Signature'))) {
        await bad({ ...signed, query: params.filter((param) => param !== taken).join('&') });
      }
    }
  });

  test('a character of a signed header or of its Authorization header', () =>
    property(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...'0aZ9;=/')), async ([which, at, char]) => {
      for (const signed of both()) {
        const [name, value] = signed.headers[which % signed.headers.length] ?? ['', ''];
        const changed = replaceAt(value, at, char);
        fc.pre(changed !== value);
        await bad({ ...signed, headers: signed.headers.map((h) => (h[0] === name ? [name, changed] : h)) });
      }
    }));

  test('a header taken away, or given twice', async () => {
    for (const signed of both()) {
      for (const taken of signed.headers) {
        await bad({ ...signed, headers: [...signed.headers, taken] });
        if (taken[0] !== 'authorization') await bad({ ...signed, headers: signed.headers.filter((h) => h !== taken) });
      }
    }
  });

  test('a part of what it says about its signature', async () => {
    const changed = (from: string | RegExp, to: string) => ({
      ...header,
      headers: header.headers.map(([name, value]) => [name, value.replace(from, to)] as const),
    });
    await bad(changed('/20150830/', '/20150831/'));
    await bad(changed('/us-east-1/', '/us-east-2/'));
    await bad(changed('/execute-api/', '/lambda/'));
    await bad(changed('AKIDEXAMPLE/', 'AKIDEXAMPLF/'));
    await bad(changed(/SignedHeaders=([^;]+);([^;]+)/, 'SignedHeaders=$2;$1'));
    await bad(changed(/SignedHeaders=/, 'SignedHeaders=host;'));
  });

  test('a second signature beside it', async () => {
    const { query } = presigned;
    const authorization = header.headers.filter(([name]) => name === 'authorization');
    await bad({ ...presigned, headers: [...presigned.headers, ...authorization] });
    await bad({ ...presigned, query: `${query}&x-amz-signature=0` });
    await bad({
      ...presigned,
      query: `${query}&${query.split('&').find((part) => part.startsWith('X-Amz-Signature'))}`,
    });
  });

  test('its body', () =>
    property(fc.uint8Array(), async (body) => {
      for (const signed of both()) await bad({ ...signed, body });
    }));

  test('its date, by a second', async () => {
    const later = (text: string) => text.replace('20150830T123600Z', '20150830T123601Z');
    await bad({ ...header, headers: header.headers.map(([name, value]) => [name, later(value)]) });
    await bad({ ...presigned, query: later(presigned.query) });
  });
});

function replaceAt(text: string, position: number, char: string): string {
  const at = position % text.length;
  return text.slice(0, at) + char + text.slice(at + 1);
}
