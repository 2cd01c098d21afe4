import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fault, STAND_IN_PAIR, type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import manifest from '../../package.json';
import { answer, answerJson } from '../support/stand-in-faults';
import { mintAt, refusalOf } from './mint';

let fiskil: StandIn;
beforeEach(async () => {
  fiskil = await startStandIn();
});
afterEach(() => fiskil.stop());

describe('a mint', () => {
  test('is one POST with the documented headers and exactly the two keys', async () => {
    let seen: { request: IncomingMessage; body: string } | undefined;
    fiskil.answerNext((request, response, body) => {
      seen = { request, body };
      answerJson({ token: 'abc', expires_in: 900 })(request, response, body);
    });
    await mintAt(fiskil.url);
    expect(fiskil.requests).toBe(1);
    expect(seen?.request).toMatchObject({
      method: 'POST',
      url: '/v1/token',
      headers: {
        accept: 'application/json; charset=UTF-8',
        'content-type': 'application/json; charset=UTF-8',
        'user-agent': `fiskil-token-vending/${manifest.version}`,
      },
    });
    expect(JSON.parse(seen?.body ?? '')).toEqual({
      client_id: STAND_IN_PAIR.clientId,
      client_secret: STAND_IN_PAIR.clientSecret,
    });
  });

  test('gives the token and the life that Fiskil issued', async () => {
    fiskil.change({ expiresIn: 731 });
    const minted = await mintAt(fiskil.url);
    expect(minted).toEqual({ token: fiskil.mints[0]?.token, expiresIn: 731 });
  });

  test('leaves no connection behind that a frozen environment would take for alive', async () => {
    let connection: string | undefined;
    fiskil.answerNext((request, response, body) => {
      connection = request.headers.connection;
      answerJson({ token: 'abc', expires_in: 900 })(request, response, body);
    });
    await mintAt(fiskil.url);
    expect(connection).toBe('close');
  });

  const good = { token: 'abc', expires_in: 900 };
  test.each<[string, Fault]>([
    ['a member that other pages of Fiskil show', answerJson({ ...good, token_type: 'Bearer' })],
    ['the older name of the token alone', answerJson({ access_token: 'abc', expires_in: 900 })],
    ['both names and the same token', answerJson({ ...good, access_token: 'abc' })],
    ['the life as digits', answerJson({ ...good, expires_in: '900' })],
    ['another content type', answer(200, JSON.stringify(good), { 'content-type': 'text/html' })],
    ['no content type', answer(200, JSON.stringify(good))],
    ['a byte order mark', answer(200, `\ufeff${JSON.stringify(good)}`)],
    ['a compressed body', answer(200, gzipSync(JSON.stringify(good)), { 'content-encoding': 'gzip' })],
    ['a body just below the cap', answerJson({ ...good, padding: 'x'.repeat(64 * 1024 - 100) })],
  ])('takes an answer with %s', async (_what, fault) => {
    fiskil.answerNext(fault);
    expect(await mintAt(fiskil.url)).toEqual({ token: 'abc', expiresIn: 900 });
  });
});

describe('a refusal by Fiskil', () => {
  const html = { 'content-type': 'text/html' };
  test.each<[number, string]>([
    [201, 'invalid_upstream_answer'],
    [204, 'invalid_upstream_answer'],
    [300, 'invalid_upstream_answer'],
    [400, 'invalid_upstream_answer'],
    [401, 'credentials_rejected'],
    [403, 'credentials_rejected'],
    [404, 'invalid_upstream_answer'],
    [405, 'invalid_upstream_answer'],
    [418, 'invalid_upstream_answer'],
    [429, 'upstream_throttled'],
    [500, 'upstream_unavailable'],
    [502, 'upstream_unavailable'],
    [503, 'upstream_unavailable'],
    [504, 'upstream_unavailable'],
  ])('with %i is %s, and is not asked again', async (status, code) => {
    // A body of the contract's shape must not make a token of it.
    fiskil.answerNext(answerJson({ token: 'abc', expires_in: 900 }, status), Infinity);
    expect(await refusalOf(mintAt(fiskil.url))).toEqual({ code, reason: `HTTP ${status}` });
    expect(fiskil.requests).toBe(1);
  });

  test('with 407, which fetch does not show, is a broken contract', async () => {
    fiskil.answerNext(answer(407));
    expect(await refusalOf(mintAt(fiskil.url))).toMatchObject({ code: 'invalid_upstream_answer' });
  });

  test.each([
    ['seconds', '17', 17],
    ['a date', 'Wed, 25 Nov 2026 07:00:30 GMT', 30],
    ['nonsense', 'soon', undefined],
  ])('to a rate that is too high hands on Retry-After as %s', async (_what, header, retryAfter) => {
    const now = () => Date.parse('2026-11-25T07:00:00Z');
    fiskil.answerNext(answer(429, 'slow down', { ...html, 'retry-after': header }));
    expect(await refusalOf(mintAt(fiskil.url, 3_000, now))).toEqual({
      code: 'upstream_throttled',
      reason: 'HTTP 429',
      ...(retryAfter !== undefined && { retryAfter }),
    });
  });

  test('says nothing of Retry-After where it was not asked to slow down', async () => {
    fiskil.answerNext(answer(503, '', { 'retry-after': '17' }));
    expect(await refusalOf(mintAt(fiskil.url))).toEqual({ code: 'upstream_unavailable', reason: 'HTTP 503' });
  });
});

describe('an answer that breaks the contract', () => {
  const notJson = 'the body is not JSON';
  const noToken = 'there is no token';
  const unfit = 'the token contains characters that an HTTP header cannot have';
  const life = 'expires_in is not a whole number of seconds from 1 to 86400';
  const json = (body: unknown) => JSON.stringify(body);
  const living = (expires_in?: unknown) => json({ token: 'abc', expires_in });

  test.each([
    ['HTML', '<html><body>Welcome</body></html>', notJson],
    ['nothing', '', notJson],
    ['JSON that is cut off', '{"token":"abc","expires_in":9', notJson],
    ['null', 'null', 'the body is not an object'],
    ['a text', '"abc"', 'the body is not an object'],
    ['a list', '["abc",900]', noToken],
    ['no token', json({ expires_in: 900 }), noToken],
    ['a token that is null', json({ token: null, expires_in: 900 }), noToken],
    ['a token that is a number', json({ token: 5, expires_in: 900 }), noToken],
    ['an empty token', json({ token: '', expires_in: 900 }), unfit],
    ['a token with a line break at its end', json({ token: 'abc\n', expires_in: 900 }), unfit],
    ['a token with a header in it', json({ token: 'abc\r\nx-evil: 1', expires_in: 900 }), unfit],
    ['a token with a space', json({ token: 'Bearer abc', expires_in: 900 }), unfit],
    ['a token that is not ASCII', json({ token: 'abç', expires_in: 900 }), unfit],
    ['a token with a zero byte', json({ token: 'abc\0', expires_in: 900 }), unfit],
    [
      'two tokens',
      json({ token: 'abc', access_token: 'abd', expires_in: 900 }),
      'token and access_token are different',
    ],
    ['no expires_in', living(), life],
    ['expires_in null', living(null), life],
    ['expires_in 0', living(0), life],
    ['expires_in below 0', living(-900), life],
    ['expires_in with a fraction', living(1.5), life],
    ['expires_in beyond a day', living(86_401), life],
    ['expires_in of 30 years', living(1e9), life],
    ['expires_in as an empty text', living(''), life],
    ['expires_in as another text', living('15m'), life],
    ['expires_in as digits below 0', living('-900'), life],
    ['expires_in as a list', living([900]), life],
    ['expires_in true', living(true), life],
  ])('by holding %s is refused, and is not asked again', async (_what, body, reason) => {
    fiskil.answerNext(answer(200, body, { 'content-type': 'application/json' }), Infinity);
    expect(await refusalOf(mintAt(fiskil.url))).toEqual({ code: 'invalid_upstream_answer', reason });
    expect(fiskil.requests).toBe(1);
  });

  test.each([1, 86_400])('does not begin with a life of %i s, the ends of what is taken', async (seconds) => {
    fiskil.answerNext(answer(200, living(seconds)));
    expect(await mintAt(fiskil.url)).toEqual({ token: 'abc', expiresIn: seconds });
  });
});
