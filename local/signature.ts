import { createHash } from 'node:crypto';
import { Sha256Node } from '@smithy/core/checksum';
import { createScope, getCanonicalHeaders, SignatureV4 } from '@smithy/signature-v4';
import {
  ALGORITHM,
  headerValues,
  type NameValues,
  type RequestHead,
  readClaim,
  type SignatureClaim,
  type SignedRequest,
} from './signature-claim';

/** The key that may sign, and its scope. */
export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

export type SignatureRefusal = 'unsigned_or_unknown_route' | 'signature_invalid' | 'signature_expired';

/** Milliseconds by which a signature's date may differ from the clock. AWS allows the same for most services. */
const WINDOW = 5 * 60_000;

/** The claim of a request about its signature, if the claim can be right: it names our key, region and service, covers the required headers, and is in
 * time (`now` in epoch milliseconds). Needs no body.
 */
export function checkHead(head: RequestHead, key: SigningKey, now: number): SignatureClaim | SignatureRefusal {
  const claim = readClaim(head);
  if (claim === 'absent') {
    return 'unsigned_or_unknown_route';
  }
  if (claim === 'malformed') {
    return 'signature_invalid';
  }

  const { accessKeyId, region, service, signedHeaders, headersToSign } = claim;
  const signable = ['host', ...headersToSign].every((name) => signedHeaders.includes(name));
  const forUs = accessKeyId === key.accessKeyId && region === key.region && service === key.service;
  if (!signable || !forUs) {
    return 'signature_invalid';
  }

  const inTime = now >= claim.signedAt - WINDOW && now <= claim.signedAt + (claim.lifetime ?? WINDOW);
  return inTime ? claim : 'signature_expired';
}

/** Whether the key made the signature of a claim that `checkHead` accepted. For paths without empty or dot segments. A session token counts like any
 * other signed header: the local key has no sessions, and a shell with the token of another session should work.
 */
export async function isSignedBy(key: SigningKey, request: SignedRequest, claim: SignatureClaim): Promise<boolean> {
  const payloadHash = createHash('sha256').update(request.body).digest('hex');
  const stated = headerValues(request, 'x-amz-content-sha256');
  if (stated.some((value) => value !== payloadHash)) {
    return false;
  }
  // No constant-time comparison: the key is public.
  return (await new Resigner(key).signatureOf(request, claim, payloadHash)) === claim.signature;
}

/** Signs the headers and the date that the request states. `SignatureV4` alone would choose the headers itself, without the date. */
class Resigner extends SignatureV4 {
  constructor(key: SigningKey) {
    super({ credentials: key, region: key.region, service: key.service, sha256: Sha256Node });
  }

  async signatureOf(request: SignedRequest, claim: SignatureClaim, payloadHash: string): Promise<string> {
    const { signedHeaders, region, service, date, signedAt } = claim;
    const { method, path } = request;
    // A repeated header counts as its values joined by commas. An absent header counts as empty.
    const headers = Object.fromEntries(signedHeaders.map((name) => [name, headerValues(request, name).join(',')]));
    const signed = { method, path, headers, query: byName(claim.query), protocol: 'http:', hostname: '' };
    const canonicalHeaders = getCanonicalHeaders(signed, undefined, new Set(signedHeaders));
    const canonicalRequest = this.createCanonicalRequest(signed, canonicalHeaders, payloadHash);
    const scope = createScope(date.slice(0, 8), region, service);
    const toSign = await this.createStringToSign(date, scope, canonicalRequest, ALGORITHM);
    return this.sign(toSign, { signingDate: new Date(signedAt) });
  }
}

function byName(query: NameValues): Record<string, string[]> {
  const values: Record<string, string[]> = Object.create(null);
  for (const [name, value] of query) {
    values[name] = [...(values[name] ?? []), value];
  }
  return values;
}
