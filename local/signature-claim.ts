import { MAX_PRESIGNED_TTL } from '@smithy/signature-v4';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Without the query, percent-encoding as sent. */
  readonly path: string;
  /** After the question mark, as sent. */
  readonly query: string;
  /** Names and values as sent, repeated ones too. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What a request says about its signature; nothing of it is proved. */
export interface Claim {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  /** Lower case, sorted. */
  readonly signedHeaders: readonly string[];
  /** Headers that the signature must cover, beside `host`. */
  readonly headersToSign: readonly string[];
  /** 64 lower-case hex digits. */
  readonly signature: string;
  /** Epoch milliseconds. */
  readonly signedAt: number;
  /** Milliseconds that a presigned request lives; absent for one signed in its header. */
  readonly lifetime?: number;
  /** Decoded. */
  readonly query: Record<string, string[]>;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

export function readClaim(request: SignedRequest): Claim | 'absent' | 'malformed' {
  const query = decodeQuery(request.query);
  const authorization = headerValues(request, 'authorization');
  const presigned = query !== undefined && Object.keys(query).some((name) => name.toLowerCase() === 'x-amz-signature');
  if (authorization.length === 0 && !presigned) return 'absent';
  if (query === undefined) return 'malformed';
  if (!presigned) return authorization.length === 1 ? readHeader(request, query, authorization[0] ?? '') : 'malformed';
  return authorization.length === 0 ? readPresigned(query) : 'malformed';
}

function readHeader(request: SignedRequest, query: Claim['query'], authorization: string): Claim | 'malformed' {
  const [algorithm, ...rest] = authorization.split(/\s+/);
  const parts = Object.fromEntries(
    rest
      .join('')
      .split(',')
      .map((part) => splitAt(part, '=')),
  );
  const dateHeader = headerValues(request, 'x-amz-date').length > 0 ? 'x-amz-date' : 'date';
  const dates = headerValues(request, dateHeader);
  const signedAt = dateHeader === 'date' ? Date.parse(dates[0] ?? '') : parseAmzDate(dates[0] ?? '');
  if (algorithm !== ALGORITHM || Object.keys(parts).length !== 3) return 'malformed';
  const claim = assemble(parts.Credential, parts.SignedHeaders, parts.Signature, signedAt, query);
  return claim === 'malformed' ? claim : { ...claim, headersToSign: [dateHeader] };
}

function readPresigned(query: Claim['query']): Claim | 'malformed' {
  const one = (name: string) => (query[name]?.length === 1 ? query[name][0] : undefined);
  const spellings = Object.keys(query).filter((name) => name.toLowerCase() === 'x-amz-signature');
  const expires = one('X-Amz-Expires') ?? '';
  const seconds = /^\d{1,6}$/.test(expires) ? Number(expires) : 0;
  if (spellings.length !== 1 || one('X-Amz-Algorithm') !== ALGORITHM || seconds < 1 || seconds > MAX_PRESIGNED_TTL) {
    return 'malformed';
  }
  const signedAt = parseAmzDate(one('X-Amz-Date') ?? '');
  const claim = assemble(one('X-Amz-Credential'), one('X-Amz-SignedHeaders'), one('X-Amz-Signature'), signedAt, query);
  return claim === 'malformed' ? claim : { ...claim, lifetime: seconds * 1000 };
}

function assemble(
  credential = '',
  headerList = '',
  signature = '',
  signedAt: number,
  query: Claim['query'],
): Claim | 'malformed' {
  const [accessKeyId, date, region, service, terminator, ...more] = credential.split('/');
  const signedHeaders = headerList.split(';');
  if (!accessKeyId || !region || !service || terminator !== 'aws4_request' || more.length > 0) return 'malformed';
  if (!/^[0-9a-f]{64}$/.test(signature) || Number.isNaN(signedAt)) return 'malformed';
  if (date !== new Date(signedAt).toISOString().slice(0, 10).replaceAll('-', '')) return 'malformed';
  // Sorted, lower case and each once is the one form that a signer may list them in.
  if (headerList !== [...new Set(signedHeaders)].sort().join(';').toLowerCase()) return 'malformed';
  return { accessKeyId, region, service, signedHeaders, headersToSign: [], signature, signedAt, query };
}

/** Epoch milliseconds of `20261125T071400Z`; NaN for any other form, and for days that do not exist. */
function parseAmzDate(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = Date.parse(iso);
  return !Number.isNaN(time) && new Date(time).toISOString() === iso ? time : Number.NaN;
}

/** Undefined if the percent-encoding is broken. A plus sign stays one: signers encode a space as %20. */
export function decodeQuery(query: string): Record<string, string[]> | undefined {
  const values = new Map<string, string[]>();
  try {
    for (const pair of query.split('&').filter((part) => part !== '')) {
      const [name = '', value = ''] = splitAt(pair, '=').map(decodeURIComponent);
      const known = values.get(name);
      known ? known.push(value) : values.set(name, [value]);
    }
  } catch {
    return undefined;
  }
  return Object.fromEntries(values);
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** The trimmed values of a header, in the order in which they came. */
export function headerValues(request: SignedRequest, wanted: string): string[] {
  return request.headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value.trim());
}
