import { inspect } from 'node:util';

/**
 * Texts that stand for what must not get out. They look like nothing else: six characters of one are enough to know it,
 * and they hold what JSON, URLs and shells escape.
 */
export const CANARIES = {
  secret: 'Qz7Vk9Xw2/Jp4"Ym8+Tn3Rb6=Lc5\\Hd1&Gf0Sj',
  token: 'eyJXu4.Bn7Wq2Zr9Kd5Vt1Hm8Ps3.Jc6-Yg0_Lx',
} as const;

/** Characters of a canary. What a parser's message quotes at least (V8 shows ten characters around the fault). */
const WINDOW = 6;

/** Hex writes each of them with two digits: six digits are only three of them, and stand in any long log by chance. */
const HEX_WINDOW = 2 * WINDOW;

/** In which forms a canary stands in the text, in whole or in part: the form and the piece found. Empty if in none. */
export function tracesOf(canary: string, text: string): string[] {
  return Object.entries(formsOf(canary)).flatMap(([form, written]) => {
    const window = form === HEX ? HEX_WINDOW : WINDOW;
    for (let start = 0; start + window <= written.length; start++) {
      const piece = written.slice(start, start + window);
      if (text.includes(piece)) return [`${form}: ${piece}`];
    }
    return [];
  });
}

/** An error with everything that hangs on it, as a careless logger would print it. */
export function everythingOf(error: unknown): string {
  return inspect(error, { depth: 20, showHidden: true, getters: true, maxStringLength: null });
}

const HEX = 'in hex';

function formsOf(canary: string): Record<string, string> {
  const json = JSON.stringify(canary).slice(1, -1);
  return {
    plain: canary,
    'in JSON': json,
    // An EMF or log line is JSON that may hold JSON.
    'in JSON in JSON': JSON.stringify(json).slice(1, -1),
    'in a URL': encodeURIComponent(canary),
    'in a form': new URLSearchParams({ x: canary }).toString().slice(2),
    [HEX]: Buffer.from(canary).toString('hex'),
    ...Object.fromEntries(
      // Three texts in base64, by where in a group of three bytes it begins; the ends mix with the neighbours.
      [0, 1, 2].flatMap((shift) => {
        const bytes = Buffer.from('x'.repeat(shift) + canary);
        return (['base64', 'base64url'] as const).map((encoding) => [
          `in ${encoding}, shifted by ${shift}`,
          bytes
            .toString(encoding)
            .replace(/=+$/, '')
            .slice(shift === 0 ? 0 : 4, -2),
        ]);
      }),
    ),
  };
}
