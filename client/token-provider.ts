export interface GetTokenOptions {
  /** Seconds of life that the token must have left, a whole number. The service accepts up to two thirds of a full life. */
  readonly minTtl?: number | undefined;
  /** Ends this call with the signal's reason. Other callers that wait for the same answer are not affected. The TimeoutError of `AbortSignal.timeout` gets
   * the last attempt's failure as its `cause`.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface TokenDetails {
  readonly token: string;
  /**
   * The `client_id` of the key. It is not a secret. Fiskil's `GET /v1/institutions` takes a query parameter `client_id`. Fiskil does
   * not say clearly whether that is this id or the team's id.
   */
  readonly clientId: string;
  readonly credential: string;
  /** Whole seconds of life left at this call, rounded down. */
  readonly expiresIn: number;
  /** As the service said. */
  readonly expiresAt: Date;
  /** API Gateway's id of the request that got this token. */
  readonly requestId: string | undefined;
}

export interface TokenProvider {
  /** A token for `Authorization: Bearer`. It comes from memory if memory has one with enough life. Each call, with its repeats, ends within 30 seconds.
   * Throws `TokenVendingError`, or the signal's reason.
   */
  getToken(options?: GetTokenOptions): Promise<string>;
  /** The same, with the details of the token. */
  getTokenDetails(options?: GetTokenOptions): Promise<TokenDetails>;
  /** Tells the service that Fiskil answered 401 to this token. Returns another token, and `getToken` returns that one from then on. If `reject` fails, the
   * token stays in use, because Fiskil may have refused the call and not the token. The client obeys the Retry-After of such a failure: until then,
   * `reject` throws the same error without a request. Throws `TokenVendingError`, or the signal's reason.
   */
  reject(token: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<string>;
}
