import { createHash, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { createScope, SHA256_HEADER, SignatureV4 } from '@smithy/signature-v4';
import { type Claim, headerValues, readClaim, type SignedRequest } from './signature-claim';

/** Who may sign, and for what. */
export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

export type Refusal = 'unsigned_or_unknown_route' | 'signature_invalid' | 'signature_expired';

/** Milliseconds that a signature's date may be away from the clock, on either side: what AWS allows most services. */
const WINDOW = 5 * 60_000;

/**
 * Checks an AWS Signature Version 4, in the Authorization header or presigned.
 * A session token is signed like anything else and otherwise ignored: the local key has no sessions, and a shell that still holds the token
 * of another session should not be locked out by it.
 *
 * @param now epoch milliseconds
 * @returns why the request is refused; nothing if it is signed well
 */
export async function checkSignature(
  request: SignedRequest,
  key: SigningKey,
  now: number,
): Promise<Refusal | undefined> {
  const claim = readClaim(request);
  if (claim === 'absent') return 'unsigned_or_unknown_route';
  if (claim === 'malformed') return 'signature_invalid';

  const { accessKeyId, region, service, signedHeaders } = claim;
  const signable = signedHeaders.includes('host') && claim.headersToSign.every((name) => signedHeaders.includes(name));
  const forUs = accessKeyId === key.accessKeyId && region === key.region && service === key.service;
  if (!signable || !forUs) return 'signature_invalid';

  if (now < claim.signedAt - WINDOW || now > claim.signedAt + (claim.lifetime ?? WINDOW)) return 'signature_expired';

  const payloadHash = createHash('sha256').update(request.body).digest('hex');
  if (headerValues(request, SHA256_HEADER).some((stated) => stated !== payloadHash)) return 'signature_invalid';

  const expected = await new Signer(key).signatureOf(request, claim, payloadHash);
  return timingSafeEqual(Buffer.from(expected), Buffer.from(claim.signature)) ? undefined : 'signature_invalid';
}

/**
 * The library's own steps, without its `sign`: that one drops headers (`date`, `user-agent`) which other signers do sign.
 */
class Signer extends SignatureV4 {
  constructor(key: SigningKey) {
    super({ credentials: key, region: key.region, service: key.service, sha256: Sha256 });
  }

  async signatureOf(request: SignedRequest, claim: Claim, payloadHash: string): Promise<string> {
    const canonical = this.createCanonicalRequest(
      new HttpRequest({ method: request.method, path: request.path, query: claim.query }),
      canonicalHeaders(request, claim.signedHeaders),
      payloadHash,
    );
    const date = new Date(claim.signedAt);
    const { longDate, shortDate } = this.formatDate(date);
    const scope = createScope(shortDate, claim.region, claim.service);
    const toSign = await this.createStringToSign(longDate, scope, canonical, 'AWS4-HMAC-SHA256');
    return this.sign(toSign, { signingDate: date });
  }
}

/** A header that stands more than once counts as its values joined by commas; one that is absent counts as empty. */
function canonicalHeaders(request: SignedRequest, signed: readonly string[]): Record<string, string> {
  const join = (name: string) => headerValues(request, name).join(',').replace(/\s+/g, ' ');
  return Object.fromEntries(signed.map((name) => [name, join(name)]));
}
