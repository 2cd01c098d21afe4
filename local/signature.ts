import { hash } from 'node:crypto';
import { type Hmac, hmacSha256 } from './hmac';
import {
  ALGORITHM,
  type Claim,
  headerValues,
  isSignature,
  type NameValues,
  readClaim,
  type SignedRequest,
} from './signature-claim';

/** Who may sign, and for what. */
export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

export type Refusal = 'unsigned_or_unknown_route' | 'signature_invalid' | 'signature_expired';

/** Why a request is refused at this instant (epoch milliseconds); nothing if it is signed well. */
export type SignatureCheck = (request: SignedRequest, now: number) => Refusal | undefined;

/** Milliseconds that a signature's date may be away from the clock, on either side: what AWS allows most services. */
const WINDOW = 5 * 60_000;
const HASH_OF_NOTHING = hash('sha256', '');

/**
 * Checks AWS Signatures Version 4, in the Authorization header or presigned, of paths without empty or dot segments.
 * A session token is signed like anything else and otherwise ignored: the local key has no sessions, and a shell that still holds the token
 * of another session should not be locked out by it.
 *
 * By hand and not by `@smithy/signature-v4`, whose asynchronous steps take six times as long: who tests a program under load against this
 * server should find the program's limits. The tests hold it to what that and another library sign.
 */
export function signatureCheck(key: SigningKey): SignatureCheck {
  const signerOf = daySigners(key);
  return (request, now) => {
    const claim = readClaim(request);
    if (claim === 'absent') return 'unsigned_or_unknown_route';
    if (claim === 'malformed') return 'signature_invalid';

    const { accessKeyId, region, service, signedHeaders, date } = claim;
    const signable =
      signedHeaders.includes('host') && claim.headersToSign.every((name) => signedHeaders.includes(name));
    const forUs = accessKeyId === key.accessKeyId && region === key.region && service === key.service;
    if (!signable || !forUs) return 'signature_invalid';

    if (now < claim.signedAt - WINDOW || now > claim.signedAt + (claim.lifetime ?? WINDOW)) return 'signature_expired';

    const payloadHash = request.body.length > 0 ? hash('sha256', request.body) : HASH_OF_NOTHING;
    const stated = headerValues(request, 'x-amz-content-sha256');
    if (stated.some((value) => value !== payloadHash)) return 'signature_invalid';

    const day = date.slice(0, 8);
    const canonicalHash = hash('sha256', canonicalRequest(request, claim, payloadHash));
    const toSign = `${ALGORITHM}\n${date}\n${day}/${region}/${service}/aws4_request\n${canonicalHash}`;
    // Compared in whatever time it takes: the key is printed for everybody to use.
    return signerOf(day)(toSign) === claim.signature ? undefined : 'signature_invalid';
  };
}

/** What signs on a day (`20261125`). The last one is kept. */
function daySigners({ secretAccessKey, region, service }: SigningKey): (day: string) => Hmac {
  let last: { readonly day: string; readonly signer: Hmac } | undefined;
  return (day) => {
    if (last?.day !== day) {
      const first = hmacSha256(Buffer.from(`AWS4${secretAccessKey}`));
      const parts = [day, region, service, 'aws4_request'];
      const signer = parts.reduce((hmac, part) => hmacSha256(Buffer.from(hmac(part), 'hex')), first);
      last = { day, signer };
    }
    return last.signer;
  };
}

/** The text that AWS documents. */
function canonicalRequest(request: SignedRequest, { query, signedHeaders }: Claim, payloadHash: string): string {
  // What is encoded in the path is encoded once more.
  const path = request.path.replace(/[^\w.~/-]+/g, percent);
  // A header that stands more than once counts as its values joined by commas; one that is absent counts as empty.
  const headers = signedHeaders.map(
    (name) => `${name}:${headerValues(request, name).join(',').replace(/\s+/g, ' ')}\n`,
  );
  return `${request.method}\n${path}\n${canonicalQuery(query)}\n${headers.join('')}\n${signedHeaders.join(';')}\n${payloadHash}`;
}

function canonicalQuery(query: NameValues): string {
  return query
    .filter((pair) => !isSignature(pair))
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map((pair) => pair.join('='))
    .join('&');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** Encodes all but RFC 3986's unreserved characters. */
function encode(text: string): string {
  return text.replace(/[^\w.~-]+/g, percent);
}

function percent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
