import { invalidOption, TokenVendingError } from './errors';
import { isSafeToSendTo } from './origins';
import type { TokenProvider } from './token-provider';

type Fetch = typeof globalThis.fetch;
type Input = Parameters<Fetch>[0];
type Init = Parameters<Fetch>[1];

export interface FiskilFetchOptions {
  /**
   * Where the token may be sent: https, or http to this machine.
   * @default - https://api.fiskil.com
   */
  readonly origins?: readonly string[] | undefined;
  /**
   * What sends the requests.
   * @default - the global `fetch`, looked up at each call
   */
  readonly fetch?: Fetch | undefined;
}

/**
 * A `fetch` that carries the token to Fiskil. It sets the header Authorization, also over one given, and leaves
 * everything else to `fetch`, which takes the header off before it follows a redirect to another origin.
 *
 * On 401 it rejects the token and repeats the request once, unless the body is a stream given in `init`, which can't be
 * sent twice; the token is replaced all the same, for the next call. A Request's body is kept until the answer's
 * status is known. When no other token can be had, Fiskil's 401 is the answer.
 *
 * Throws what `fetch` throws, and `TokenVendingError`: `origin_not_allowed`, before any token was asked for, and those
 * of `getToken`.
 */
export function createFiskilFetch(
  provider: Pick<TokenProvider, 'getToken' | 'reject'>,
  options: FiskilFetchOptions = {},
): Fetch {
  const origins = new Set((options.origins ?? ['https://api.fiskil.com']).map(checkOrigin));

  return async (input, init) => {
    const { origin } = new URL(urlOf(input));
    if (!origins.has(origin)) {
      throw new TokenVendingError(
        'origin_not_allowed',
        `${origin} is not in \`origins\` (${[...origins].join(', ')}), so the token is not sent there.`,
      );
    }
    const send = options.fetch ?? globalThis.fetch;
    const signal = (init?.signal === undefined && isRequest(input) ? input.signal : init?.signal) ?? undefined;
    const again = repeatable(input, init);
    const token = await provider.getToken({ signal });
    const answer = await send(input, withToken(token, input, init));
    // Another origin, reached by a redirect, was not shown the token and so did not refuse it.
    if (answer.status !== 401 || (answer.url && !origins.has(new URL(answer.url).origin))) return answer;

    const other = await provider.reject(token, { signal }).catch(() => {
      signal?.throwIfAborted();
      return undefined; // the next call's getToken tells what is wrong
    });
    if (other === undefined || again === undefined) return answer;
    await answer.body?.cancel();
    return send(again, withToken(other, again, init));
  };
}

function checkOrigin(value: string): string {
  if (!URL.canParse(value) || new URL(value).origin === 'null') {
    throw invalidOption('`origins` must hold origins such as https://api.fiskil.com.');
  }
  const url = new URL(value);
  if (!isSafeToSendTo(url)) throw invalidOption(`\`origins\`: ${url.origin} must be https, or http to this machine.`);
  if (url.href !== `${url.origin}/`) {
    throw invalidOption(`\`origins\`: ${url.origin} is one; a path, user or query can't narrow it.`);
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

function withToken(token: string, input: Input, init: Init): Init {
  const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined));
  headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}

function urlOf(input: Input): string {
  return isRequest(input) ? input.url : String(input);
}

// Not `instanceof`: a test environment or a library may bring a Request of its own.
function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'url' in input;
}
