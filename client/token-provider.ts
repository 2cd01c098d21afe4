import { checkOptions, type TokenProviderOptions } from './options';
import { provideTokens } from './provide';
import { createService } from './service';

export interface GetTokenOptions {
  /** Seconds of life that the token must have left, a whole number. The service gives up to two thirds of a full life. */
  readonly minTtl?: number | undefined;
  /** Ends this call, with its reason. Other callers who wait for the same answer are not affected. */
  readonly signal?: AbortSignal | undefined;
}

export interface TokenDetails {
  readonly token: string;
  /** Fiskil wants it as a query parameter of `GET /v1/institutions`. Not a secret. */
  readonly clientId: string;
  readonly credential: string;
  /** Whole seconds of life left at this call, rounded down. */
  readonly expiresIn: number;
  /** By the service's clock. */
  readonly expiresAt: Date;
  /** API Gateway's id of the request that this token came with. */
  readonly requestId: string | undefined;
}

export interface TokenProvider {
  /**
   * A token for `Authorization: Bearer`, from memory where that holds one with enough life.
   * Each call ends within 30 seconds, repeats included. Throws `TokenVendingError`, or the signal's reason.
   */
  getToken(options?: GetTokenOptions): Promise<string>;
  /** The same, with what belongs to the token. */
  getTokenDetails(options?: GetTokenOptions): Promise<TokenDetails>;
  /**
   * Says that Fiskil answered 401 to this token, and gives another one. From then on this provider never gives the
   * rejected one again, unless the service refuses to replace it (`rejection_too_soon`: it is less than 30 s old).
   */
  reject(token: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<string>;
}

/** Make one for each credential and process, outside of the handler. Throws `TokenVendingError` `invalid_option`. */
export function createTokenProvider(options: TokenProviderOptions = {}): TokenProvider {
  const settings = checkOptions(options, process.env);
  return provideTokens(createService(settings, Math.random), settings.clock);
}
