import { describe, expect, it } from '@jest/globals';
import { type ClientErrorCode, type GatewayErrorCode, type ServiceErrorCode, TokenVendingError } from '../../client';

type Code = ServiceErrorCode | GatewayErrorCode | ClientErrorCode;

const LATER: Code[] = [
  'upstream_unavailable',
  'upstream_throttled',
  'secret_unavailable',
  'token_pending',
  'internal_error',
  'invalid_upstream_answer',
  'throttled',
  'function_busy',
  'gateway_timeout',
  'gateway_error',
  'unreachable',
  'timeout',
];

const NEVER: Code[] = [
  'rejection_too_soon',
  'credentials_rejected',
  'credential_not_configured',
  'invalid_request',
  'unknown_credential',
  'min_ttl_unattainable',
  'access_denied',
  'signature_invalid',
  'signature_expired',
  'unsigned_or_unknown_route',
  'payload_too_large',
  'invalid_option',
  'no_credentials',
  'invalid_answer',
  'origin_not_allowed',
];

describe('retryable', () => {
  it.each(LATER)('is true for %s, which passes by itself', (code) => {
    expect(new TokenVendingError(code, '')).toMatchObject({ retryable: true });
  });

  it.each(NEVER)('is false for %s, which needs somebody’s action first', (code) => {
    expect(new TokenVendingError(code, '')).toMatchObject({ retryable: false });
    expect(new TokenVendingError(code, '', { status: 503, retryAfter: 1 })).toMatchObject({ retryable: false });
  });

  it.each([
    ['function_gone', 503, true],
    ['function_gone', 429, true],
    ['function_gone', 404, false],
    ['function_gone', undefined, false],
    ['toString', undefined, false],
    ['gateway_error', 502, true],
    ['gateway_error', 415, false],
  ])('of %s with status %p is %p, by the status', (code, status, retryable) => {
    expect(new TokenVendingError(code, '', { status }).retryable).toBe(retryable);
  });
});
