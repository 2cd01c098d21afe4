import { isPrintable } from '../printable';
import { mintFailure, type VendingError } from '../vending/errors';
import type { MintedToken } from '../vending/types';
import { LONGEST_LIFE } from '../vending/windows';

/** A token answer has about 1 KB. A much larger body is not one. */
const LARGEST_BODY = 64 * 1_024;

/** The body as text. Throws `VendingError` if it is too large, and the signal's reason when the signal fires. The signal of the fetch is not enough:
 * Node 20 loses it when the garbage collector runs, and an answer that never ends would then hang for ever (like nodejs/undici#4068).
 */
export async function readCapped(response: Response, signal: AbortSignal): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) {
    return '';
  }
  // Nobody waits for the result. A stream that is not Node's own may throw at once.
  const stop = () => void (async () => reader.cancel())().catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    const decoder = new TextDecoder();
    let text = '';
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) {
        return text + decoder.decode();
      }
      size += value.byteLength;
      if (size > LARGEST_BODY) {
        throw broken('the body is too large');
      }
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** The token in Fiskil's answer. Fiskil's pages use two names for it: `token` and `access_token`. Throws `VendingError`. Its reason says what is
 * wrong and quotes nothing.
 */
export function parseAnswer(body: string): MintedToken {
  const answer = parseObject(body);
  const { token = answer.access_token, access_token: accessToken = token } = answer;
  if (token !== accessToken) {
    throw broken('token and access_token are different');
  }
  if (typeof token !== 'string') {
    throw broken('there is no token');
  }
  // Other characters than printable ASCII would break the caller's header.
  if (!isPrintable(token)) {
    throw broken('the token contains characters that an HTTP header cannot have');
  }
  return { token, expiresIn: lifeOf(answer.expires_in) };
}

function parseObject(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The parser's own message quotes its input, and so the token.
    throw broken('the body is not JSON');
  }
  if (typeof value !== 'object' || value === null) {
    throw broken('the body is not an object');
  }
  return value as Record<string, unknown>;
}

function lifeOf(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' && /^\d+$/.test(expiresIn) ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 1 || seconds * 1_000 > LONGEST_LIFE) {
    throw broken('expires_in is not a whole number of seconds from 1 to 86400');
  }
  return seconds;
}

function broken(reason: string): VendingError {
  return mintFailure('invalid_upstream_answer', reason);
}
