import {
  type ClientErrorCode,
  type GatewayErrorCode,
  type GetTokenOptions,
  type ServiceErrorCode,
  type TokenDetails,
  type TokenProvider,
  TokenVendingError,
  type TokenVendingErrorCode,
} from 'fiskil-token-vending/client';

// The types that this module's types use.
export type {
  ClientErrorCode,
  GatewayErrorCode,
  GetTokenOptions,
  ServiceErrorCode,
  TokenDetails,
  TokenProvider,
  TokenVendingErrorCode,
};

export interface TestTokenProviderOptions {
  /** The first token. Later ones have a number at the end.
   * @default 'test-token'
   */
  readonly token?: string | undefined;
  /** @default 'test-client-id' */
  readonly clientId?: string | undefined;
  /** @default 'default' */
  readonly credential?: string | undefined;
  /** Seconds of life that a token has left. This number does not decrease.
   * @default 900
   */
  readonly expiresIn?: number | undefined;
}

export interface TestFailure {
  /**
   * The HTTP status.
   * @default - the code's status in the API; none for a code of the client
   */
  readonly status?: number | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  readonly requestId?: string | undefined;
}

/** A `TokenProvider` for unit tests. It makes up its tokens, and uses no network, no AWS credentials and no environment. */
export interface TestTokenProvider extends TokenProvider {
  /** The number of calls of `getToken` and `getTokenDetails`, with failed ones. */
  readonly asked: number;
  /** The tokens that `reject` was called with, oldest first. */
  readonly rejected: readonly string[];
  /** Each call throws `TokenVendingError` with this code from now on. With `rejection_too_soon` only `reject` throws, as in the API, and the token stays.
   */
  fail(code: TokenVendingErrorCode, failure?: TestFailure): void;
  /** Ends `fail`. */
  succeed(): void;
}

/** The statuses of docs/openapi.yaml. */
const STATUSES: Readonly<Record<ServiceErrorCode | GatewayErrorCode, number>> = {
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
  access_denied: 403,
  signature_invalid: 403,
  signature_expired: 403,
  unsigned_or_unknown_route: 403,
  throttled: 429,
  function_busy: 503,
  payload_too_large: 413,
  gateway_timeout: 504,
  gateway_error: 500,
};

/** Make one for each test. */
export function createTestTokenProvider(options: TestTokenProviderOptions = {}): TestTokenProvider {
  const { token: first = 'test-token', clientId = 'test-client-id', credential = 'default', expiresIn = 900 } = options;
  const rejected: string[] = [];
  let asked = 0;
  let tokens = 1;
  let failure: TokenVendingError | undefined;

  const current = () => (tokens === 1 ? first : `${first}-${tokens}`);

  async function getTokenDetails({ minTtl = 0, signal }: GetTokenOptions = {}): Promise<TokenDetails> {
    asked += 1;
    if (!Number.isInteger(minTtl) || minTtl < 0) {
      throw errorOf('invalid_option', '`minTtl` must be whole seconds.');
    }
    if (signal?.aborted) {
      throw signal.reason;
    }
    if (failure && failure.code !== 'rejection_too_soon') {
      throw failure;
    }
    // The service gives no more than that. Otherwise each call would be a mint.
    if (minTtl > (expiresIn * 2) / 3) {
      throw errorOf('min_ttl_unattainable', '`minTtl` is over two thirds of a life.');
    }
    const expiresAt = new Date(Date.now() + expiresIn * 1_000);
    return { token: current(), clientId, credential, expiresIn, expiresAt, requestId: `test-request-${asked}` };
  }

  return {
    get asked() {
      return asked;
    },
    rejected,
    fail(code, facts) {
      failure = errorOf(code, 'the test asked for this failure.', facts);
    },
    succeed() {
      failure = undefined;
    },
    getToken: async (given) => (await getTokenDetails(given)).token,
    getTokenDetails,
    async reject(token, { signal } = {}) {
      if (typeof token !== 'string' || token === '') {
        throw errorOf('invalid_option', '`token` must be a token.');
      }
      rejected.push(token);
      if (signal?.aborted) {
        throw signal.reason;
      }
      if (failure) {
        throw failure;
      }
      // A token that was replaced before is not replaced again.
      if (token === current()) {
        tokens += 1;
      }
      return current();
    },
  };
}

function errorOf(code: TokenVendingErrorCode, sentence: string, facts: TestFailure = {}): TokenVendingError {
  const status = Object.hasOwn(STATUSES, code) ? STATUSES[code as keyof typeof STATUSES] : undefined;
  return new TokenVendingError(code, sentence, { status, ...facts });
}
