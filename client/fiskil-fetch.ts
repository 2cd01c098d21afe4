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
  /**
   * Lets `origins` name http origins that are not this machine, for a stand-in of Fiskil in another container. Whoever is
   * on the way can read the token then.
   * @default false
   */
  readonly allowHttp?: boolean | undefined;
  /**
   * Seconds of life that the token must have left when a call begins, a whole number.
   * @default - what `getToken` takes to be usable
   */
  readonly minTtl?: number | undefined;
  /**
   * The version of Fiskil's answers, such as `v2`: the header X-Fiskil-Version, unless a call has one.
   * @default - none, so that the version pinned in Fiskil's Console decides
   */
  readonly version?: string | undefined;
  /**
   * What sends the requests.
   * @default - the global `fetch`, looked up at each call
   */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * A `fetch` that carries the token to Fiskil. It sets the header Authorization, also over one given, and leaves
 * everything else to `fetch`, which takes the header off before it follows a redirect to another origin.
 *
 * On 401 it rejects the token and repeats the request once, unless the body is a stream given in `init`, which can't be
 * sent twice; the token is replaced all the same, for the next call. A Request's body is kept until the answer's
 * status is known. When no other token can be had, or a redirect was followed, which may have taken the token off, Fiskil's
 * 401 is the answer.
 *
 * Throws what `fetch` throws, and `TokenVendingError`: `invalid_option` here, `origin_not_allowed` before any token was asked
 * for, and those of `getToken`.
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
    if (answer.status !== 401 || !wasShown(answer, origin)) {
      return answer;
    }

    const other = await provider.reject(token, { signal }).catch(() => {
      checkSignal(signal);
      return undefined; // the next call's getToken tells what is wrong
    });
    if (other === undefined || again === undefined) {
      return answer;
    }
    discard(answer);
    return send(again, withHeaders(other, version, again, init));
  };
}

/**
 * Whether this answer is certainly to a request with the token. `fetch` takes the token off at the first redirect to
 * another origin, and does not put it on again for one that leads back.
 */
function wasShown(answer: Response, origin: string): boolean {
  // Mocks may have no URL, or a part of one.
  return !answer.redirected && (!URL.canParse(answer.url) || new URL(answer.url).origin === origin);
}

/**
 * Frees the connection. Not awaited: where somebody keeps a clone of the answer, cancelling it never ends. And the body may
 * have been read, be locked, or be of a kind that can't be cancelled.
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

/** The input to send a second time, or nothing if the body is gone after the first. */
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

// Not `instanceof`: a test environment or a library may bring a Request of its own.
function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'url' in input;
}
