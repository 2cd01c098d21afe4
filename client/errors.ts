/** What the service answers, by its contract (`code` of its problem+json). */
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

/** What API Gateway answers in the service's stead. */
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

/**
 * What this client finds out by itself:
 *
 * - `invalid_option`: an option, an environment variable or an argument is missing or wrong; the message names it.
 * - `no_credentials`: there are no AWS credentials to sign with, or the provider given failed.
 * - `unreachable`: no connection to the token API, or it broke; the message holds the system's error code.
 * - `timeout`: the call took 30 seconds.
 * - `invalid_answer`: what came back is not an answer of the token API.
 * - `origin_not_allowed`: `createFiskilFetch` was asked for an origin that the token must not be sent to.
 */
export type ClientErrorCode =
  | 'invalid_option'
  | 'no_credentials'
  | 'unreachable'
  | 'timeout'
  | 'invalid_answer'
  | 'origin_not_allowed';

/** `string` because a later service may know more codes than this client. */
export type TokenVendingErrorCode = ServiceErrorCode | GatewayErrorCode | ClientErrorCode | (string & {});

/** Whether a later call may succeed though nobody has changed anything meanwhile. */
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
  // The service stands by the token that was rejected.
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

// By the status where a later service has a code that this client does not know.
function isRetryable(code: string, status: number | undefined): boolean {
  const byStatus = status === undefined ? undefined : status === 429 || status >= 500;
  const byCode = Object.hasOwn(RETRYABLE, code) ? RETRYABLE[code as keyof typeof RETRYABLE] : (byStatus ?? false);
  return byCode && byStatus !== false;
}

/** What is known of a failure besides its code. Each is a property of `TokenVendingError`, which says what it means. */
export interface TokenVendingErrorFacts {
  readonly status?: number | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  readonly requestId?: string | undefined;
  /** A credential error of the AWS SDK, and nothing else. */
  readonly cause?: unknown;
}

/**
 * A token could not be had, or must not be sent. Decide by `code` or `retryable`; `message` is for people.
 * It never holds a token or a secret. It has no `cause` but a credential error of the AWS SDK, since the errors of HTTP
 * clients can carry the request.
 */
export class TokenVendingError extends Error {
  // A literal: `this.constructor.name` is another word after a minifier.
  override readonly name = 'TokenVendingError';
  readonly code: TokenVendingErrorCode;
  /** Whether a later call may succeed though nobody has changed anything meanwhile. */
  readonly retryable: boolean;
  // `declare`: a field that is absent is not there as undefined.
  /** The HTTP status; absent where nothing was answered. */
  declare readonly status?: number;
  /** Seconds after which a repeat makes sense, where the service said so. */
  declare readonly retryAfter?: number;
  /** API Gateway's id of the request, which the service's logs carry too. */
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
