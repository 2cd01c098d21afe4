import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** How to sign; each part can be made wrong. */
export interface Signing {
  readonly keys: Keys;
  readonly region: string;
  /** @default 'execute-api' */
  readonly service?: string;
  /** @default now */
  readonly date?: Date;
}

export interface Call {
  /** @default 'GET' */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A `fetch` with an AWS signature in its headers. */
export async function signedFetch(url: string, signing: Signing, call: Call = {}): Promise<Response> {
  return fetch(url, await signedCall(url, signing, call));
}

/** The options for `fetch`, to use with the same URL. */
export async function signedCall(url: string, signing: Signing, call: Call = {}): Promise<RequestInit> {
  const request = await signer(signing).sign(toRequest(url, call), dateOf(signing));
  // `fetch` sets the host itself, and does not accept this header.
  const { host: _, ...headers } = request.headers;
  return { method: request.method, headers, ...(call.body === undefined ? {} : { body: call.body }) };
}

/** A presigned URL: anybody who has it can fetch it. @param expiresIn seconds */
export async function presign(url: string, signing: Signing, expiresIn = 60): Promise<string> {
  const { query } = await signer(signing).presign(toRequest(url, {}), { ...dateOf(signing), expiresIn });
  const result = new URL(url);
  for (const [name, value] of Object.entries(query ?? {})) result.searchParams.set(name, String(value));
  return result.href;
}

function signer({ keys, region, service = 'execute-api' }: Signing): SignatureV4 {
  // No header with the body's hash, because the emulator would not check it.
  return new SignatureV4({ credentials: keys, region, service, sha256: Sha256, applyChecksum: false });
}

function dateOf({ date }: Signing): { signingDate?: Date } {
  return date === undefined ? {} : { signingDate: date };
}

function toRequest(url: string, { method = 'GET', headers = {}, body }: Call): HttpRequest {
  const { protocol, hostname, port, host, pathname, searchParams } = new URL(url);
  return new HttpRequest({
    method,
    protocol,
    hostname,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...headers, host },
    ...(port === '' ? {} : { port: Number(port) }),
    ...(body === undefined ? {} : { body }),
  });
}
