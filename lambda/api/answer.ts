import type { APIGatewayProxyResult } from 'aws-lambda';
import type { ErrorCode, VendingError } from '../vending/errors';
import { secondsLeft, type Vended } from '../vending/vended';
import { isoTime } from './iso-time';

/** No cache may store an answer (RFC 9111; the second header is for HTTP/1.0 caches). */
const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

/** The HTTP status and the title of each code. */
export const PROBLEMS: Record<ErrorCode, { readonly status: number; readonly title: string }> = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  unknown_credential: { status: 404, title: 'Unknown credential' },
  min_ttl_unattainable: { status: 422, title: 'No token lives that long' },
  rejection_too_soon: { status: 429, title: 'The token was replaced a moment ago' },
  credentials_rejected: { status: 502, title: 'Fiskil refused the credentials' },
  invalid_upstream_answer: { status: 502, title: 'Fiskil gave an answer that cannot be used' },
  credential_not_configured: { status: 503, title: 'The secret holds no usable pair' },
  upstream_unavailable: { status: 503, title: 'Fiskil is not available' },
  upstream_throttled: { status: 503, title: 'Fiskil is throttling' },
  secret_unavailable: { status: 503, title: 'The secret is not available' },
  token_pending: { status: 503, title: 'A token is being minted' },
  internal_error: { status: 500, title: 'The token service failed' },
};

/** A token as callers get it. `token` and `expires_in` are Fiskil's own names. */
export function tokenAnswer(credential: string, vended: Vended): APIGatewayProxyResult {
  const { token } = vended;
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'application/json', ...NO_STORE },
    body: JSON.stringify({
      token: token.value,
      token_type: 'Bearer',
      expires_in: secondsLeft(vended),
      expires_at: isoTime(token.expiresAt).replace('.000Z', 'Z'),
      client_id: token.clientId,
      credential,
    }),
  };
}

/** An error as callers get it: RFC 9457, with a stable `code`. */
export function problemAnswer({ code, detail, retryAfter }: VendingError): APIGatewayProxyResult {
  const { status, title } = PROBLEMS[code];
  return {
    statusCode: status,
    headers: {
      'Content-Type': 'application/problem+json',
      ...NO_STORE,
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    },
    body: JSON.stringify({ type: 'about:blank', title, status, code, detail }),
  };
}
