/** Names and values in their original order, with repeated ones. */
export type NameValues = readonly (readonly [name: string, value: string])[];

/** The part of a request before its body. */
export interface RequestHead {
  readonly method: string;
  /** Without the query, percent-encoding as sent. */
  readonly path: string;
  /** After the question mark, as sent. */
  readonly query: string;
  /** As sent. */
  readonly headers: NameValues;
}

/** A request as received. */
export interface SignedRequest extends RequestHead {
  readonly body: Uint8Array;
}

/** What a request claims about its signature. Nothing of it is verified yet. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  /** Lower case, sorted. */
  readonly signedHeaders: readonly string[];
  /** Headers that the signature must cover, beside `host`. */
  readonly headersToSign: readonly string[];
  /** 64 lower-case hex digits. */
  readonly signature: string;
  /** As it is signed: `20261125T071400Z`. */
  readonly date: string;
  /** The same in epoch milliseconds. */
  readonly signedAt: number;
  /** Milliseconds that a presigned request lives; absent for one signed in its header. */
  readonly lifetime: number | undefined;
  /** Decoded. */
  readonly query: NameValues;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';
/** Its parts in the order that AWS documents. */
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=([^\s,]+)\s*,\s*SignedHeaders=([^\s,]+)\s*,\s*Signature=([^\s,]+)$/;

/** The key's id, and the day, region and service of the derived key. */
const CREDENTIAL = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/;

/** Seconds: what AWS allows. */
const LONGEST_PRESIGNED = 7 * 24 * 3600;

export function readClaim(request: RequestHead): SignatureClaim | 'absent' | 'malformed' {
  const query = decodeQuery(request.query);
  const authorization = headerValues(request, 'authorization');
  const signatures = query?.filter(isSignature).length ?? 0;
  if (authorization.length + signatures === 0) {
    return 'absent';
  }
  if (authorization.length + signatures > 1 || query === undefined) {
    return 'malformed';
  }
  return signatures === 0 ? readHeader(request, query, authorization[0] ?? '') : readPresigned(query);
}

function readHeader(request: RequestHead, query: NameValues, authorization: string): SignatureClaim | 'malformed' {
  const [, credential, headerList, signature] = AUTHORIZATION.exec(authorization) ?? [];
  const [amzDate] = headerValues(request, 'x-amz-date');
  return assemble({
    credential,
    headerList,
    signature,
    date: amzDate ?? amzDateOf(headerValues(request, 'date')[0] ?? ''),
    headersToSign: [amzDate === undefined ? 'date' : 'x-amz-date'],
    lifetime: undefined,
    query,
  });
}

function readPresigned(query: NameValues): SignatureClaim | 'malformed' {
  const one = (wanted: string) => {
    const found = query.filter(([name]) => name === wanted);
    return found.length === 1 ? found[0]?.[1] : undefined;
  };
  const expires = one('X-Amz-Expires') ?? '';
  const seconds = /^\d{1,6}$/.test(expires) ? Number(expires) : 0;
  const inBounds = seconds >= 1 && seconds <= LONGEST_PRESIGNED;
  if (one('X-Amz-Algorithm') !== ALGORITHM || !inBounds) {
    return 'malformed';
  }
  return assemble({
    credential: one('X-Amz-Credential'),
    headerList: one('X-Amz-SignedHeaders'),
    signature: one('X-Amz-Signature'),
    date: one('X-Amz-Date'),
    headersToSign: [],
    lifetime: seconds * 1_000,
    query,
  });
}

/** The contents of one of the two places for a signature. */
interface Stated extends Pick<SignatureClaim, 'headersToSign' | 'lifetime' | 'query'> {
  readonly credential: string | undefined;
  readonly headerList: string | undefined;
  readonly signature: string | undefined;
  readonly date: string | undefined;
}

function assemble(stated: Stated): SignatureClaim | 'malformed' {
  const { credential = '', headerList = '', signature = '', date = '', headersToSign, lifetime, query } = stated;
  const [, accessKeyId, day, region, service] = CREDENTIAL.exec(credential) ?? [];
  const signedHeaders = headerList.split(';');
  const signedAt = parseAmzDate(date);
  if (!accessKeyId || !region || !service || !/^[0-9a-f]{64}$/.test(signature)) {
    return 'malformed';
  }
  if (Number.isNaN(signedAt) || date.slice(0, 8) !== day) {
    return 'malformed';
  }
  // A signer must list them sorted, in lower case, and each once.
  const inOrder = signedHeaders.every((name, i) => i === 0 || name > (signedHeaders[i - 1] ?? ''));
  if (!inOrder || headerList !== headerList.toLowerCase()) {
    return 'malformed';
  }
  return { accessKeyId, region, service, signedHeaders, headersToSign, signature, date, signedAt, lifetime, query };
}

/** Epoch milliseconds of `20261125T071400Z`; NaN for any other form. */
function parseAmzDate(text: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** The date of a `Date` header in its signed form; empty if it is not a date. */
function amzDateOf(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? '' : new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Whether a parameter is the signature of a presigned request, however it is spelt. */
function isSignature([name]: NameValues[number]): boolean {
  return name.toLowerCase() === 'x-amz-signature';
}

/** Undefined if the percent-encoding is broken. A plus sign stays a plus sign, because signers encode a space as %20. */
export function decodeQuery(query: string): NameValues | undefined {
  try {
    const parts = query.split('&').filter((part) => part !== '');
    return parts.map((part) => {
      const [name, value] = splitAt(part, '=');
      return [decodeURIComponent(name), decodeURIComponent(value)];
    });
  } catch {
    return undefined;
  }
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** The trimmed values of a header, in their original order. */
export function headerValues(request: RequestHead, wanted: string): string[] {
  const values: string[] = [];
  for (const [name, value] of request.headers) {
    if (name.length === wanted.length && name.toLowerCase() === wanted) {
      values.push(value.trim());
    }
  }
  return values;
}
