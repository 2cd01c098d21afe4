import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createFiskilFetch, type TokenProvider, TokenVendingError } from 'fiskil-token-vending/client';
import { createTestTokenProvider } from 'fiskil-token-vending/testing';
import { parse } from 'yaml';
import { GATEWAY_ANSWERS } from '../../lib/gateway-answers';

const ROOT = join(__dirname, '../..');

describe('a token of the test kit', () => {
  test('is available at once, and the same for each call', async () => {
    const tokens: TokenProvider = createTestTokenProvider();
    expect([await tokens.getToken(), await tokens.getToken({ minTtl: 600 })]).toEqual(['test-token', 'test-token']);
  });

  test('has the given details', async () => {
    const given = { token: 'abc', clientId: 'c1', credential: 'sandbox', expiresIn: 60 };
    const before = Date.now();
    const details = await createTestTokenProvider(given).getTokenDetails();
    expect(details).toMatchObject({ ...given, requestId: 'test-request-1' });
    expect(details.expiresAt.getTime() - before).toBeGreaterThanOrEqual(60_000);
  });

  test('is replaced once when it is rejected', async () => {
    const tokens = createTestTokenProvider({ token: 'abc' });
    expect([await tokens.reject('abc'), await tokens.reject('abc'), await tokens.getToken()]).toEqual([
      'abc-2',
      'abc-2',
      'abc-2',
    ]);
    expect(await tokens.reject('abc-2')).toBe('abc-3');
    expect(tokens.rejected).toEqual(['abc', 'abc', 'abc-2']);
  });

  test('counts the calls', async () => {
    const tokens = createTestTokenProvider();
    await tokens.getToken();
    await tokens.getTokenDetails();
    tokens.fail('timeout');
    await tokens.getToken().catch(() => {});
    expect(tokens.asked).toBe(3);
  });

  test.each([
    [{ minTtl: -1 }, 'invalid_option'],
    [{ minTtl: 0.5 }, 'invalid_option'],
    [{ minTtl: 601 }, 'min_ttl_unattainable'],
  ])('is not given to a call with %j: %s', async (options, code) => {
    await expect(createTestTokenProvider().getToken(options)).rejects.toMatchObject({ code });
  });

  test('is not given to a call whose signal is aborted', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(createTestTokenProvider().getToken({ signal })).rejects.toBe(reason);
    await expect(createTestTokenProvider().reject('abc', { signal })).rejects.toBe(reason);
  });

  test('lets the client’s fetch repeat after a 401', async () => {
    const tokens = createTestTokenProvider();
    const shown: (string | null)[] = [];
    const fiskil = createFiskilFetch(tokens, {
      fetch: async (input, init) => {
        shown.push(new Headers(init?.headers ?? (input as Request).headers).get('authorization'));
        return new Response('', { status: shown.length === 1 ? 401 : 200 });
      },
    });
    expect((await fiskil('https://api.fiskil.com/v1/end-users')).status).toBe(200);
    expect(shown).toEqual(['Bearer test-token', 'Bearer test-token-2']);
  });
});

describe('a failure of the test kit', () => {
  test('is an error of the client’s class, until the test ends it', async () => {
    const tokens = createTestTokenProvider();
    tokens.fail('upstream_throttled', { retryAfter: 7, requestId: 'r1' });
    const error = await tokens.getToken().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(TokenVendingError);
    const facts = { code: 'upstream_throttled', status: 503, retryAfter: 7, requestId: 'r1', retryable: true };
    expect(error).toMatchObject(facts);
    await expect(tokens.reject('test-token')).rejects.toBe(error);
    tokens.succeed();
    expect(await tokens.getToken()).toBe('test-token');
  });

  test('rejection_too_soon fails only rejections, and the token stays', async () => {
    const tokens = createTestTokenProvider();
    tokens.fail('rejection_too_soon', { retryAfter: 12 });
    await expect(tokens.reject('test-token')).rejects.toMatchObject({ code: 'rejection_too_soon', status: 429 });
    expect(await tokens.getToken()).toBe('test-token');
  });

  test('with a code of the client has no status', async () => {
    const tokens = createTestTokenProvider();
    tokens.fail('unreachable');
    const error = await tokens.getToken().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(error).not.toHaveProperty('status');
  });

  const failed = (code: string) => {
    const tokens = createTestTokenProvider();
    tokens.fail(code);
    return tokens.reject('abc').catch((error: unknown) => error);
  };

  test.each(Object.entries(GATEWAY_ANSWERS))('%s has the status of the gateway', async (code, { status }) => {
    expect(await failed(code)).toMatchObject({ code, status });
  });

  test.each(describedStatuses())('%s has a status of the description', async (code, statuses) => {
    const { status } = (await failed(code)) as TokenVendingError;
    expect(statuses).toContain(status);
  });
});

/** The codes of docs/openapi.yaml, each with its statuses. */
function describedStatuses(): [code: string, statuses: number[]][] {
  const { components, paths } = parse(readFileSync(join(ROOT, 'docs/openapi.yaml'), 'utf8'));
  const found = new Map<string, number[]>();
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path as object))) {
    for (const [status, response] of Object.entries((operation as { responses?: object }).responses ?? {})) {
      const name =
        String((response as { $ref?: string }).$ref)
          .split('/')
          .at(-1) ?? '';
      const text = JSON.stringify(components.responses[name] ?? response);
      for (const [, one, many] of text.matchAll(/"code":\{(?:"const":"(\w+)"|"enum":\[([^\]]+)\])/g)) {
        for (const code of one ? [one] : (many ?? '').replaceAll('"', '').split(',')) {
          found.set(code, [...(found.get(code) ?? []), Number(status)]);
        }
      }
    }
  }
  return [...found];
}
