import type { Pair } from '../vending/types';

/** Characters of a pair that a text may share with it by chance. Six hex digits in a row do so once in some 10,000 ids. */
const PART = 6;

/**
 * Whether what Fiskil said may be logged: a text of this strict form that holds no part of the pair, in whatever case, nor in
 * base64 or hex. Fiskil was sent the pair, and can send it back.
 */
export function isLoggable(text: unknown, form: RegExp, pair: Pair): text is string {
  return typeof text === 'string' && form.test(text) && !readingsOf(text).some((reading) => holdsPart(reading, pair));
}

/** The text as it stands, and what its stretches of hex and base64 say, wherever in them that begins. */
function readingsOf(text: string): string[] {
  const decoded = (alphabet: RegExp, encoding: BufferEncoding, starts: readonly number[]) =>
    (text.match(alphabet) ?? []).flatMap((stretch) =>
      starts.map((start) => Buffer.from(stretch.slice(start), encoding).toString('latin1')),
    );
  return [text, ...decoded(/[0-9a-f]+/gi, 'hex', [0, 1]), ...decoded(/[\w+/-]+/g, 'base64', [0, 1, 2, 3])];
}

function holdsPart(text: string, { clientId, clientSecret }: Pair): boolean {
  const lower = text.toLowerCase();
  return [clientId, clientSecret].some((value) => partsOf(value.toLowerCase()).some((part) => lower.includes(part)));
}

/** All pieces of that length, or the whole of what is shorter. */
function partsOf(value: string): string[] {
  const last = Math.max(0, value.length - PART);
  return Array.from({ length: last + 1 }, (_, start) => value.slice(start, start + PART));
}
