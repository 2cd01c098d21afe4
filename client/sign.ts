import type { Hash, Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { createHash, createHmac } from './builtins';
import type { AwsCredentials } from './credentials';

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

export interface Scope {
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
}

/** The headers to send with the request, by AWS Signature Version 4. The signature covers `host`, but the sender sets that header. */
export async function sign(request: UnsignedRequest, scope: Scope): Promise<Record<string, string>> {
  const { url, method, body } = request;
  const signer = new SignatureV4({
    service: scope.service,
    region: scope.region,
    credentials: async () => ({
      accessKeyId: scope.credentials.accessKeyId,
      secretAccessKey: scope.credentials.secretAccessKey,
      ...(scope.credentials.sessionToken && { sessionToken: scope.credentials.sessionToken }),
    }),
    sha256: NodeSha256,
    // Only S3 needs the body's hash as a header. The signature covers the hash in both cases.
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers: { ...request.headers, host: url.host },
      body,
    },
    { signingDate: scope.date },
  );
  const { host: _sentByTheTransport, ...rest } = headers;
  return rest;
}

// Not URLSearchParams: it reads `+` as a space, which is not what SigV4 signs.
function queryOf(url: URL): Record<string, string[]> {
  const query: Record<string, string[]> = Object.create(null);
  for (const pair of url.search.slice(1).split('&')) {
    if (pair === '') {
      continue;
    }
    const end = pair.indexOf('=') === -1 ? pair.length : pair.indexOf('=');
    const key = decodeURIComponent(pair.slice(0, end));
    query[key] = [...(query[key] ?? []), decodeURIComponent(pair.slice(end + 1))];
  }
  return query;
}

// Node's own SHA-256: @aws-crypto/sha256-js costs a millisecond more on the first call of a cold process.
class NodeSha256 {
  private readonly hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') {
    return data;
  }
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
