export interface GetTokenOptions {
  /** Seconds of life that the token must have left, a whole number. The service gives up to two thirds of a full life. */
  readonly minTtl?: number | undefined;
  /**
   * Ends this call, with its reason. Other callers who wait for the same answer are not affected. The TimeoutError of
   * `AbortSignal.timeout` gets the last attempt's failure as its `cause`.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface TokenDetails {
  readonly token: string;
  /**
   * The `client_id` of the key. It is not a secret. Fiskil's `GET /v1/institutions` takes a query parameter `client_id`; it is not known
   * whether that means this id or the team's id.
   */
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
   * Says that Fiskil answered 401 to this token, and gives another one, which `getToken` gives from then on. While that
   * fails, the token stays in use: the service stands by it, or can't say, and Fiskil may have refused the call and not the
   * token. A refusal's Retry-After is kept: until then the same error is thrown without a request.
   * Throws `TokenVendingError`, or the signal's reason.
   */
  reject(token: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<string>;
}
