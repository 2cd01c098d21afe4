import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { checkHead, isSignedBy, type SignatureRefusal, type SigningKey } from '../../local/signature';
import type { SignedRequest } from '../../local/signature-claim';

export interface Parts {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: [string, string][];
  readonly body?: string;
}

export interface SignParts extends Parts {
  /** What differs from the key that is given. */
  readonly key?: Partial<SigningKey>;
  /** Seconds; makes a presigned request. */
  readonly presign?: number;
  readonly sessionToken?: string;
}

export const request = (parts: Parts): SignedRequest => ({
  method: parts.method ?? 'GET',
  path: parts.path ?? '/',
  query: parts.query ?? '',
  headers: parts.headers ?? [],
  body: Buffer.from(parts.body ?? ''),
});

/** What the SDK's signer makes of a request, as it would come over the wire. */
export async function signAt(time: number, theKey: SigningKey, parts: SignParts): Promise<SignedRequest> {
  const key = { ...theKey, ...parts.key };
  const credentials = { ...key, ...(parts.sessionToken !== undefined && { sessionToken: parts.sessionToken }) };
  const signer = new SignatureV4({ credentials, region: key.region, service: key.service, sha256: Sha256 });
  const unsigned = new HttpRequest({
    method: parts.method ?? 'GET',
    path: parts.path ?? '/v1/tokens/default',
    query: bag(parts.query ?? ''),
    headers: Object.fromEntries(parts.headers ?? [['host', '127.0.0.1:4010']]),
    body: parts.body,
  });
  const options = { signingDate: new Date(time) };
  const signed =
    parts.presign === undefined
      ? await signer.sign(unsigned, options)
      : await signer.presign(unsigned, { ...options, expiresIn: parts.presign });
  const query = Object.entries(signed.query ?? {})
    .flatMap(([name, values]) => [values ?? []].flat().map((value) => [name, value]))
    .map((pair) => pair.map((text) => encodeURIComponent(text ?? '')).join('='))
    .join('&');
  const { method, path } = signed;
  return request({ method, path, query, headers: Object.entries(signed.headers), body: parts.body ?? '' });
}

/** Why a request is refused at this instant (epoch milliseconds); nothing if it is signed well. */
export const signatureCheck =
  (key: SigningKey) =>
  async (signed: SignedRequest, now: number): Promise<SignatureRefusal | undefined> => {
    const claim = checkHead(signed, key, now);
    if (typeof claim === 'string') return claim;
    return (await isSignedBy(key, signed, claim)) ? undefined : 'signature_invalid';
  };

function bag(query: string): Record<string, string[]> {
  const params = new URLSearchParams(query);
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}
