import { checkSignal } from './abort';
import { invalidOption, TokenVendingError } from './errors';
import { isSafeToSendTo, NOT_SAFE } from './origins';
import type { TokenProvider } from './token-provider';

type Input = Parameters<typeof globalThis.fetch>[0];
type Init = Parameters<typeof globalThis.fetch>[1];

export interface FiskilFetchOptions {
  /**
   * Where the token may be sent: https, or http to this machine.
   * @default - https://api.fiskil.com
   */
  readonly origins?: readonly string[] | undefined;
  /** Allows http origins of other machines in `origins`, for a stand-in for Fiskil in another container. Anyone on the network can read the token then.
   * @default false
   */
  readonly allowHttp?: boolean | undefined;
  /**
   * Seconds of life that the token must have left when a call begins, a whole number.
   * @default - any life with which `getToken` returns a token
   */
  readonly minTtl?: number | undefined;
  /** The version of Fiskil's answers, such as `v2`. It is sent as the header X-Fiskil-Version, unless a call sets that header.
   * @default - none, so that the version pinned in Fiskil's Console decides
   */
  readonly version?: string | undefined;
  /**
   * What sends the requests.
   * @default - the global `fetch`, looked up at each call
   */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** A `fetch` that sends the token to Fiskil. It sets the header Authorization, and replaces an existing one. `fetch` does everything else; it removes
 * the header before it follows a redirect to another origin.
 * After a 401 it rejects the token and repeats the request once. It does not repeat a request whose `init` has a stream as its body, because a stream
 * cannot be sent twice; the next call then uses the new token. It keeps a Request's body until the status of the answer is known. It returns Fiskil's
 * 401 if there is no other token, or if a redirect was followed, which may have removed the token.
 * Throws what `fetch` throws, and `TokenVendingError`: `invalid_option` here, `origin_not_allowed` before it asks for a token, and those of `getToken`.
 */
export function createFiskilFetch(
  provider: Pick<TokenProvider, 'getToken' | 'reject'>,
  options: FiskilFetchOptions = {},
): typeof globalThis.fetch {
  const { minTtl, version, allowHttp = false } = options;
  const origins = new Set(
    (options.origins ?? ['https://api.fiskil.com']).map((value) => checkOrigin(value, allowHttp)),
  );
  if (minTtl !== undefined && (!Number.isInteger(minTtl) || minTtl < 0)) {
    throw invalidOption('`minTtl` must be a whole number of seconds.');
  }
  if (version !== undefined && !/^[\w.-]+$/.test(version)) {
    throw invalidOption('`version` must be a version of the Fiskil API such as v2.');
  }

  return async (input, init) => {
    const { origin } = new URL(urlOf(input));
    if (!origins.has(origin)) {
      throw new TokenVendingError(
        'origin_not_allowed',
        `${origin} is not in \`origins\`, so the token is not sent there.`,
      );
    }
    const send = options.fetch ?? globalThis.fetch;
    const signal = (init?.signal === undefined && isRequest(input) ? input.signal : init?.signal) ?? undefined;
    const again = repeatable(input, init);
    const token = await provider.getToken({ minTtl, signal });
    const answer = await send(input, withHeaders(token, version, input, init));
    if (answer.status !== 401 || !tokenWasSent(answer, origin)) {
      return answer;
    }

    const other = await provider.reject(token, { signal }).catch(() => {
      checkSignal(signal);
      return undefined; // the next call of getToken throws the error
    });
    if (other === undefined || again === undefined) {
      return answer;
    }
    discard(answer);
    return send(again, withHeaders(other, version, again, init));
  };
}

/** Whether the request of this answer certainly had the token. `fetch` removes the token at the first redirect to another origin, and does not add it
 * again for a redirect back.
 */
function tokenWasSent(answer: Response, origin: string): boolean {
  // Mocks may have no URL, or a part of one.
  return !answer.redirected && (!URL.canParse(answer.url) || new URL(answer.url).origin === origin);
}

/** Frees the connection. Nobody awaits it, because cancelling never ends if somebody keeps a clone of the answer. The body may also be read or locked
 * already, or be of a kind that cannot be cancelled.
 */
function discard(answer: Response): void {
  try {
    void Promise.resolve(answer.body?.cancel?.()).catch(() => {});
  } catch {
    // Then there is nothing to free.
  }
}

function checkOrigin(value: string, allowHttp: boolean): string {
  if (!URL.canParse(value) || new URL(value).origin === 'null') {
    throw invalidOption('`origins` must contain origins such as https://api.fiskil.com.');
  }
  const url = new URL(value);
  if (!isSafeToSendTo(url, allowHttp)) {
    throw invalidOption(`\`origins\` ${NOT_SAFE}`);
  }
  if (url.href !== `${url.origin}/`) {
    throw invalidOption('`origins` must contain only origins, without a path, user or query.');
  }
  return url.origin;
}

/** The input for the second request, or nothing if the first request uses up the body. */
function repeatable(input: Input, init: Init): Input | undefined {
  const body = init?.body;
  if (body !== undefined && body !== null) {
    const isStream = typeof body === 'object' && (Symbol.asyncIterator in body || 'getReader' in body);
    return isStream ? undefined : input;
  }
  return isRequest(input) && input.body ? input.clone() : input;
}

function withHeaders(token: string, version: string | undefined, input: Input, init: Init): Init {
  const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined));
  headers.set('authorization', `Bearer ${token}`);
  if (version !== undefined && !headers.has('x-fiskil-version')) {
    headers.set('x-fiskil-version', version);
  }
  return { ...init, headers };
}

function urlOf(input: Input): string {
  return isRequest(input) ? input.url : String(input);
}

// Not `instanceof`: a test environment or a library may have its own Request.
function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'url' in input;
}
