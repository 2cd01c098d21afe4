/** The codes of the service (`code` in its problem+json). */
export type ServiceErrorCode =
  | 'invalid_request'
  | 'unknown_credential'
  | 'min_ttl_unattainable'
  | 'rejection_too_soon'
  | 'credentials_rejected'
  | 'invalid_upstream_answer'
  | 'credential_not_configured'
  | 'upstream_unavailable'
  | 'upstream_throttled'
  | 'secret_unavailable'
  | 'token_pending'
  | 'internal_error';

/** The codes of API Gateway's own answers. */
export type GatewayErrorCode =
  | 'access_denied'
  | 'signature_invalid'
  | 'signature_expired'
  | 'unsigned_or_unknown_route'
  | 'throttled'
  | 'function_busy'
  | 'payload_too_large'
  | 'gateway_timeout'
  | 'gateway_error';

/** The codes of this client itself:
 *
 * - `invalid_option`: an option, an environment variable or an argument is missing or wrong; the message names it.
 * - `no_credentials`: there are no AWS credentials to sign with, or the given provider failed.
 * - `unreachable`: no connection to the token API, or it broke; the message holds the system's error code.
 * - `timeout`: the call took 30 seconds.
 * - `invalid_answer`: the answer is not from the token API.
 * - `origin_not_allowed`: `createFiskilFetch` got a URL of another origin than those to which the token may be sent.
 */
export type ClientErrorCode =
  | 'invalid_option'
  | 'no_credentials'
  | 'unreachable'
  | 'timeout'
  | 'invalid_answer'
  | 'origin_not_allowed';

/** Includes `string`, because a newer service may have more codes than this client knows. */
export type TokenVendingErrorCode = ServiceErrorCode | GatewayErrorCode | ClientErrorCode | (string & {});

/** Whether a later call may succeed without a change by a person. */
const RETRYABLE: Readonly<Record<ServiceErrorCode | GatewayErrorCode | ClientErrorCode, boolean>> = {
  upstream_unavailable: true,
  upstream_throttled: true,
  secret_unavailable: true,
  token_pending: true,
  internal_error: true,
  invalid_upstream_answer: true,
  throttled: true,
  function_busy: true,
  gateway_timeout: true,
  gateway_error: true,
  unreachable: true,
  timeout: true,
  // The service keeps the rejected token.
  rejection_too_soon: false,
  // Somebody must correct the secret.
  credentials_rejected: false,
  credential_not_configured: false,
  // Somebody must correct the caller.
  invalid_request: false,
  unknown_credential: false,
  min_ttl_unattainable: false,
  access_denied: false,
  signature_invalid: false,
  signature_expired: false,
  unsigned_or_unknown_route: false,
  payload_too_large: false,
  invalid_option: false,
  no_credentials: false,
  invalid_answer: false,
  origin_not_allowed: false,
};

// The status decides for an unknown code of a newer service.
function isRetryable(code: string, status: number | undefined): boolean {
  const byStatus = status === undefined ? undefined : status === 429 || status >= 500;
  const byCode = Object.hasOwn(RETRYABLE, code) ? RETRYABLE[code as keyof typeof RETRYABLE] : (byStatus ?? false);
  return byCode && byStatus !== false;
}

/** Facts about a failure. Each is also a property of `TokenVendingError`, which explains it. */
export interface TokenVendingErrorFacts {
  readonly status?: number | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  readonly requestId?: string | undefined;
  /** Only ever a credential error of the AWS SDK. */
  readonly cause?: unknown;
}

/** There is no token, or it must not be sent to this URL. Use `code` or `retryable` in your program; `message` is for people. The error never contains a
 * token or a secret. Its `cause` is only ever a credential error of the AWS SDK, because errors of HTTP clients can contain the request.
 */
export class TokenVendingError extends Error {
  // A literal, because a minifier changes `this.constructor.name`.
  override readonly name = 'TokenVendingError';
  readonly code: TokenVendingErrorCode;
  /** Whether a later call may succeed without a change by a person. */
  readonly retryable: boolean;
  // `declare`, so that an absent field does not exist as undefined.
  /** The HTTP status; absent if there was no answer. */
  declare readonly status?: number;
  /** The seconds to wait before a repeat, if the service said so. */
  declare readonly retryAfter?: number;
  /** API Gateway's id of the request. The service's logs have it too. */
  declare readonly requestId?: string;

  constructor(code: TokenVendingErrorCode, sentence: string, facts: TokenVendingErrorFacts = {}) {
    super(`${code}: ${sentence}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.retryable = isRetryable(code, facts.status);
    if (facts.status !== undefined) {
      this.status = facts.status;
    }
    if (facts.retryAfter !== undefined) {
      this.retryAfter = facts.retryAfter;
    }
    if (facts.requestId !== undefined) {
      this.requestId = facts.requestId;
    }
  }
}

export function invalidOption(sentence: string): TokenVendingError {
  return new TokenVendingError('invalid_option', sentence);
}
