import { VendingError } from '../vending/errors';

/** Which call of the API, and for which credential. */
export interface Route {
  readonly kind: 'vend' | 'reject';
  readonly credential: string;
}

/** A checked call of the API. */
export type ApiRequest =
  | { readonly kind: 'vend'; readonly credential: string; readonly minTtl?: number }
  | { readonly kind: 'reject'; readonly credential: string; readonly tokenSha256: string };

/** `{"token_sha256":"<64 hex>"}` has 84 bytes. The rest is for white space and other members. */
const LARGEST_BODY = 1_024;

/** The route of the call in an API Gateway event. The code assumes nothing about the event.
 * Throws `VendingError` with `unknown_credential` or `invalid_request`.
 */
export function parseRoute(event: unknown, credentials: ReadonlySet<string>): Route {
  const { httpMethod, path } = fieldsOf(event);
  // The path as it was sent, not API Gateway's decoded path parameter, because names are compared literally.
  const [, credential, rejections] =
    typeof path === 'string' ? (/\/tokens\/([^/]*)(\/rejections)?$/.exec(path) ?? []) : [];
  if (credential === undefined || httpMethod !== (rejections ? 'POST' : 'GET')) {
    throw invalid('The calls are GET tokens/{credential} and POST tokens/{credential}/rejections.');
  }
  if (!credentials.has(credential)) {
    throw new VendingError('unknown_credential', 'No credential of this name is configured.');
  }
  return { kind: rejections ? 'reject' : 'vend', credential };
}

/** The complete call. Throws `VendingError` with `invalid_request`. */
export function parseRequest(event: unknown, { kind, credential }: Route): ApiRequest {
  const { multiValueQueryStringParameters, queryStringParameters, body, isBase64Encoded } = fieldsOf(event);
  const query = parseQuery(multiValueQueryStringParameters ?? queryStringParameters);
  if (kind === 'vend') {
    const minTtl = parseMinTtl(query);
    return { kind, credential, ...(minTtl !== undefined && { minTtl }) };
  }
  if (query.size > 0) {
    throw invalid('This call takes no query parameters.');
  }
  return { kind, credential, tokenSha256: parseRejection(body, isBase64Encoded === true) };
}

function parseQuery(parameters: unknown): Map<string, readonly unknown[]> {
  const query = new Map<string, readonly unknown[]>();
  for (const [name, values] of Object.entries(fieldsOf(parameters))) {
    // The signature of a presigned request.
    if (!name.startsWith('X-Amz-')) {
      query.set(name, Array.isArray(values) ? values : [values]);
    }
  }
  return query;
}

function parseMinTtl(query: Map<string, readonly unknown[]>): number | undefined {
  const values = query.get('min_ttl');
  if (query.size > (values ? 1 : 0)) {
    throw invalid('The only query parameter is min_ttl.');
  }
  if (!values) {
    return undefined;
  }
  const [value] = values;
  // 15 digits are still exact. The engine refuses a life that no token can have.
  if (values.length !== 1 || typeof value !== 'string' || !/^\d{1,15}$/.test(value)) {
    throw invalid('min_ttl must be given once, as a whole number of seconds.');
  }
  return Number(value);
}

function parseRejection(body: unknown, isBase64Encoded: boolean): string {
  if (typeof body !== 'string') {
    throw invalidBody();
  }
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  if (text.length > LARGEST_BODY) {
    throw invalidBody();
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidBody();
  }
  const { token_sha256: hash } = fieldsOf(value);
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/i.test(hash)) {
    throw invalidBody();
  }
  return hash.toLowerCase();
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function invalidBody(): VendingError {
  return invalid('The body must be {"token_sha256":"…"}: the SHA-256 of the refused token, 64 hexadecimal digits.');
}

function invalid(detail: string): VendingError {
  return new VendingError('invalid_request', detail);
}
