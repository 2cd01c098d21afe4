import { describe, expect, test } from '@jest/globals';
import { problemAnswer, tokenAnswer } from '../../lambda/api/answer';
import { type ErrorCode, VendingError } from '../../lambda/vending/errors';
import { NOW, token } from '../vending/records';

const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

describe('a token', () => {
  const stored = token('a', { expiresAt: Date.parse('2026-11-25T07:14:00Z') / 1_000 });

  test('is answered in the documented shape, and must not be cached', () => {
    const at = Date.parse('2026-11-25T07:01:49Z');
    const { body, ...answer } = tokenAnswer('default', { token: stored, source: 'memory', at });
    expect(answer).toEqual({ statusCode: 200, headers: { 'Content-Type': 'application/json', ...NO_STORE } });
    expect(body).toBe(
      '{"token":"value-of-a","token_type":"Bearer","expires_in":731,"expires_at":"2026-11-25T07:14:00Z","client_id":"client-1","credential":"default"}',
    );
  });

  const minted = token('a');
  test.each([
    [0, 900],
    [1, 899],
    [999, 899],
    [1_000, 899],
    [1_001, 898],
  ])('%i ms after its mint lives %i whole seconds, rounded down', (age, seconds) => {
    const { body } = tokenAnswer('default', { token: minted, source: 'memory', at: NOW + age });
    expect(JSON.parse(body).expires_in).toBe(seconds);
  });

  test('is answered with the name that the request had', () => {
    const bodies = ['one', 'other', 'other'].map((name) =>
      tokenAnswer(name, { token: minted, source: 'memory', at: NOW }),
    );
    expect(bodies.map(({ body }) => JSON.parse(body).credential)).toEqual(['one', 'other', 'other']);
  });
});

describe('a problem', () => {
  // The API's errors. They must not change, because callers depend on them.
  const documented: Record<ErrorCode, number> = {
    invalid_request: 400,
    unknown_credential: 404,
    min_ttl_unattainable: 422,
    rejection_too_soon: 429,
    credentials_rejected: 502,
    invalid_upstream_answer: 502,
    credential_not_configured: 503,
    upstream_unavailable: 503,
    upstream_throttled: 503,
    secret_unavailable: 503,
    token_pending: 503,
    internal_error: 500,
  };

  test.each(Object.entries(documented) as [ErrorCode, number][])('%s is answered with %i', (code, status) => {
    const { body, ...answer } = problemAnswer(new VendingError(code, 'What happened.'));
    expect(answer).toEqual({
      statusCode: status,
      headers: { 'Content-Type': 'application/problem+json', ...NO_STORE },
    });
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/^[A-Z].+[^.]$/),
      status,
      code,
      detail: 'What happened.',
    });
  });

  test('says when to repeat, if that is known', () => {
    const { headers } = problemAnswer(new VendingError('token_pending', 'Ask again.', 1));
    expect(headers).toMatchObject({ 'Retry-After': '1' });
  });

  test('does not show the reason, which is for the log', () => {
    const { body } = problemAnswer(new VendingError('upstream_unavailable', 'No.', 2, 'HTTP 503'));
    expect(body).not.toContain('HTTP 503');
  });
});
