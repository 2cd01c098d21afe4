import type { RequestOptions } from 'node:https';
import type { TcpNetConnectOpts } from 'node:net';
import { TokenVendingError } from './errors';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** When it aborts, the promise rejects with its reason. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** A header's value by its name in lower case. */
  header(name: string): string | undefined;
  readonly body: string;
}

/** Loaded with this module and not by the first call: a Lambda function has more processor time while it starts. */
const https = process.getBuiltinModule('node:https');

/** Sends one request, once, and follows no redirect. Throws `TokenVendingError` `unreachable` or `invalid_answer`. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/** An answer has about two kilobytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** TCP and TLS within a region take tens of milliseconds. 3 s allow for one lost SYN (1 s) and its lost repeat (2 s). */
const CONNECT_TIMEOUT_MS = 3_000;

/** Node gives each address of a name 250 ms by default. That is too little for one lost packet. */
const ADDRESS_TIMEOUT_MS = 1_000;

/** Uses node:https, because the first `fetch` of a process loads undici and takes about 20 ms longer (docs/performance.md). Each request has its own
 * connection. The client needs one every few minutes. By then the other end would have closed a pooled connection, and a frozen environment would not
 * have noticed.
 */
export function nodeTransport(connectTimeoutMs = CONNECT_TIMEOUT_MS): Transport {
  return async ({ method, url, headers, body, signal }) => {
    // Not an import, because an ES module that imports node:http loads undici, which costs a cold caller 10 ms. http is only for this machine.
    // `request` is looked up at each call, because tools that intercept requests replace that property.
    const { request: send } = url.protocol === 'https:' ? https : process.getBuiltinModule('node:http');
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(failure(error, url, signal));
      const options: RequestOptions & Pick<TcpNetConnectOpts, 'autoSelectFamilyAttemptTimeout'> = {
        method,
        headers,
        agent: false,
        timeout: connectTimeoutMs,
        autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
      };
      const request = send(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size <= MAX_BODY_BYTES) {
            return;
          }
          reject(tooLong());
          request.destroy();
        });
        response.on('error', fail);
        response.on('end', () => {
          // The answer has come, so an abort must not destroy the request: that costs a cold caller 0.5 ms.
          forget();
          resolve({
            status: response.statusCode ?? 0,
            header: (name) => [response.headers[name]].flat()[0],
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      });
      const connected = () => request.setTimeout(0);
      request.on('socket', (socket) => {
        socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
        // A waiting call keeps the process alive. Work in the background must not.
        socket.unref();
      });
      request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
      request.on('error', fail);
      // Not the option `signal`: the code that Node loads for it costs a cold caller 2 ms.
      const stop = () => request.destroy();
      const forget = () => signal.removeEventListener('abort', stop);
      signal.addEventListener('abort', stop);
      request.on('close', forget);
      if (signal.aborted) {
        stop();
      }
      request.end(body);
    });
  };
}

/** Uses the caller's `fetch`. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  return async ({ method, url, headers, body, signal }) => {
    try {
      const response = await fetch(url, {
        method,
        headers: { ...headers },
        signal,
        // A followed redirect would show the signature to another origin, where it is not valid.
        redirect: 'manual',
        ...(body !== undefined && { body }),
      });
      const text = await response.text();
      if (text.length > MAX_BODY_BYTES) {
        throw tooLong();
      }
      return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body: text };
    } catch (error) {
      throw failure(error, url, signal);
    }
  };
}

function tooLong(): TokenVendingError {
  return new TokenVendingError('invalid_answer', 'the answer is longer than 64 KB, so it is not from the token API.');
}

// The original error ends here, because errors of undici and Node can contain the request with its headers.
function failure(error: unknown, url: URL, signal: AbortSignal): unknown {
  if (signal.aborted) {
    return signal.reason;
  }
  if (error instanceof TokenVendingError) {
    return error;
  }
  const code = codeOf(error) ?? codeOf((error as { cause?: unknown } | undefined)?.cause) ?? 'no error code';
  return new TokenVendingError('unreachable', `no answer from the token API at ${url.origin} (${code}).`);
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}
