import { VendingError } from '../vending/errors';
import type { MintedToken } from '../vending/types';

/** A token answer is about 1 KB; what is much larger is not one. */
const LARGEST_BODY = 64 * 1_024;

/** Fiskil documents 900 s, once 3600 s. More than a day is a mistake. */
const LONGEST_LIFE = 86_400;

/** The body as text. Throws `VendingError` if it is too large. */
export async function readCapped(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_BODY) {
      throw broken('the body is too large');
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * The token in Fiskil's answer. Both names that Fiskil's pages use are taken: `token` and `access_token`.
 * Throws `VendingError`, whose reason names what is wrong and quotes nothing.
 */
export function parseAnswer(body: string): MintedToken {
  const answer = parseObject(body);
  const { token = answer.access_token, access_token: accessToken = token } = answer;
  if (token !== accessToken) {
    throw broken('token and access_token are both there and different');
  }
  if (typeof token !== 'string') {
    throw broken('there is no token');
  }
  // What is not printable ASCII would break the header that the caller puts it in.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw broken('the token holds characters that no header can carry');
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
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_LIFE) {
    throw broken('expires_in is not a whole number of seconds from 1 to 86400');
  }
  return seconds;
}

function broken(reason: string): VendingError {
  return new VendingError('invalid_upstream_answer', 'Fiskil broke its contract', undefined, reason);
}
