import type { Pair } from '../vending/types';

/** A text must not contain this many characters of the pair in a row. Six hex digits match by chance once in some 10,000 ids. */
const PART = 6;

/** Whether a text from Fiskil may be logged. It must have this strict form and contain no part of the pair, in any case, nor in base64 or hex. Fiskil
 * knows the pair and could send it back.
 */
export function isLoggable(text: unknown, form: RegExp, pair: Pair): text is string {
  return typeof text === 'string' && form.test(text) && !readingsOf(text).some((reading) => holdsPart(reading, pair));
}

/** The text itself, and its parts that look like hex or base64, decoded from each possible start. */
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

/** All pieces of that length, or the whole value if it is shorter. */
function partsOf(value: string): string[] {
  const last = Math.max(0, value.length - PART);
  return Array.from({ length: last + 1 }, (_, start) => value.slice(start, start + PART));
}
