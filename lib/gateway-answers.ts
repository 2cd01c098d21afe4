/** API Gateway's own answers, before or instead of the function. Plain data without CDK: the stack makes gateway responses of it, and the local server
 * answers with the same texts.
 */
export interface GatewayAnswer {
  /** The HTTP status. For `gateway_error` the gateway keeps the original status; this is the usual one. */
  readonly status: number;
  readonly title: string;
  /** What the caller can do about it. */
  readonly detail: string;
  /** Headers besides those of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type GatewayCode =
  | 'access_denied'
  | 'signature_invalid'
  | 'signature_expired'
  | 'unsigned_or_unknown_route'
  | 'throttled'
  | 'function_busy'
  | 'payload_too_large'
  | 'gateway_timeout'
  | 'gateway_error';

export const GATEWAY_ANSWERS: Readonly<Record<GatewayCode, GatewayAnswer>> = {
  access_denied: {
    status: 403,
    title: 'Access denied',
    detail:
      'The caller is known but may not do this: its role needs execute-api:Invoke on this method and path of the API.',
  },
  signature_invalid: {
    status: 403,
    title: 'Signature invalid',
    detail:
      "The signature does not match the request: check the access key, the region, the service (execute-api), the path, the body and this machine's clock.",
  },
  signature_expired: {
    status: 403,
    title: 'Signature expired',
    detail:
      "The signature or the session that made it has expired: get fresh credentials, check this machine's clock and sign the request again.",
  },
  unsigned_or_unknown_route: {
    status: 403,
    title: 'Unsigned request or unknown route',
    detail:
      'Either the request is not signed with AWS Signature Version 4, or this API has no such path or method: check the URL and sign for the service execute-api.',
  },
  throttled: {
    status: 429,
    title: 'Too many requests',
    detail:
      'The API gets more requests than its throttle allows: try again after a second, and keep a token until it expires.',
    headers: { 'Retry-After': '1' },
  },
  function_busy: {
    status: 503,
    title: 'Function busy',
    detail:
      "Lambda could not run the function, usually because the account's concurrency is used up: try again after a second.",
    headers: { 'Retry-After': '1' },
  },
  payload_too_large: {
    status: 413,
    title: 'Payload too large',
    detail: 'The request is larger than the API accepts: no request of this API needs more than 1 KB.',
  },
  gateway_timeout: {
    status: 504,
    title: 'Gateway timeout',
    detail: 'The function did not answer in time: try again.',
  },
  gateway_error: {
    status: 500,
    title: 'Gateway error',
    detail:
      'API Gateway could not pass the request on: compare it with the documentation, and if it is correct, try again.',
  },
};

/** Headers of every answer that the gateway makes. */
export const GATEWAY_HEADERS = {
  'Content-Type': 'application/problem+json',
  'Cache-Control': 'no-store',
  Pragma: 'no-cache',
} as const;

/** The body of an answer. It has no `status`, because a gateway response has one body for all of its statuses. */
export function gatewayBody(code: GatewayCode): string {
  const { title, detail } = GATEWAY_ANSWERS[code];
  return JSON.stringify({ type: 'about:blank', title, code, detail });
}
