import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeAll, serve } from './loopback';

let callers: typeof import('../../docs/callers/any-http');
const asked: string[] = [];

/** A token API that gives `first` until it is rejected, then `second`. */
beforeAll(async () => {
  const origin = await serve(async (request, response) => {
    const body = (await request.toArray()).join('');
    asked.push(`${request.method} ${request.url} ${body}`.trim());
    const expires_at = new Date(Date.now() + 900_000).toISOString();
    const token = request.method === 'GET' ? 'first' : 'second';
    response.end(JSON.stringify({ token, expires_in: 900, expires_at, client_id: 'id', credential: 'default' }));
  });
  Object.assign(process.env, {
    FISKIL_TOKEN_API_URL: `${origin}/v1/`,
    AWS_REGION: 'ap-southeast-2',
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  // Now, since the file makes its provider when it is loaded.
  callers = await import('../../docs/callers/any-http');
});
afterAll(closeAll);

test('the page for other HTTP libraries: a token that Fiskil refuses is replaced, and the call made once more', async () => {
  const sent: string[] = [];
  const send = async (authorization: string) => {
    sent.push(authorization);
    return { status: authorization === 'Bearer first' ? 401 : 200 };
  };
  expect(await callers.callFiskil(send)).toEqual({ status: 200 });
  expect(await callers.callFiskil(send)).toEqual({ status: 200 });
  expect(sent).toEqual(['Bearer first', 'Bearer second', 'Bearer second']);
  const token_sha256 = createHash('sha256').update('first').digest('hex');
  expect(asked).toEqual([
    'GET /v1/tokens/default?min_ttl=60',
    `POST /v1/tokens/default/rejections ${JSON.stringify({ token_sha256 })}`,
  ]);
});

test('and an error that says when to come back is worth a later try', async () => {
  const { TokenVendingError } = await import('../../client');
  expect(callers.isWorthALaterTry(new TokenVendingError('upstream_throttled', '', { retryAfter: 60 }))).toBe(true);
  expect(callers.isWorthALaterTry(new TokenVendingError('access_denied', ''))).toBe(false);
  expect(callers.isWorthALaterTry(new Error('else'))).toBe(false);
});
