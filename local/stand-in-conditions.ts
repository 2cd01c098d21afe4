import { refuse } from '../lib/config-values';

/** `newest-only`: a mint ends the earlier tokens of its pair. Fiskil does not say which of the two modes it has. */
export type StandInMode = 'many-live' | 'newest-only';

/** A refusal of every token request, in Fiskil's format. */
export interface ScriptedFailure {
  /** An HTTP status from 400 to 599. */
  readonly status: number;
  /** Milliseconds from now. @default until the next change */
  readonly forMs?: number | undefined;
  /** Seconds, in the header `Retry-After`. @default no such header */
  readonly retryAfter?: number | undefined;
}

/** How the stand-in behaves. */
export interface Conditions {
  readonly mode: StandInMode;
  /** Seconds that new tokens live. */
  readonly expiresIn: number;
  /** Milliseconds before a token request is answered. */
  readonly latencyMs: number;
  readonly failure: ScriptedFailure | undefined;
  /** A token stops working this many milliseconds after its issue, although its life is longer. */
  readonly revokeAfterMs: number | undefined;
}

/** The conditions without a fault. Fiskil calls 900 s typical. */
export const GOOD_DAY: Conditions = {
  mode: 'many-live',
  expiresIn: 900,
  latencyMs: 0,
  failure: undefined,
  revokeAfterMs: undefined,
};

/** The words for a change of conditions: the options of the command line, and the members of a control request. */
export type Words = Readonly<Partial<Record<(typeof WORDS)[number], unknown>>>;
export const WORDS = ['fail', 'for', 'retry_after', 'latency', 'life', 'newest_only', 'revoke'] as const;

const A_DAY_S = 86_400;

/** Reads the given words. `null` resets a condition to its default.
 * @param nameOf the word as the person wrote it. No message quotes a value
 * @throws ConfigurationError with one sentence
 */
export function readConditions(words: Words, nameOf: (word: keyof Words) => string): Partial<Conditions> {
  const read = <T, U>(word: keyof Words, check: (value: unknown, name: string) => T, otherwise: U) =>
    words[word] == null ? otherwise : check(words[word], nameOf(word));

  for (const word of ['for', 'retry_after'] as const) {
    if (words[word] != null && words.fail == null) {
      refuse(`${nameOf(word)} describes a failure: give ${nameOf('fail')} too.`);
    }
  }
  const status = read('fail', wholeNumber(400, 599, 'an HTTP status from 400 to 599'), undefined);
  const failure =
    status === undefined
      ? undefined
      : {
          status,
          forMs: read('for', milliseconds, undefined),
          retryAfter: read('retry_after', wholeNumber(0, A_DAY_S, 'a whole number of seconds up to a day'), undefined),
        };
  const newestOnly = read('newest_only', trueOrFalse, false);
  return {
    ...('fail' in words && { failure }),
    ...('latency' in words && { latencyMs: read('latency', milliseconds, GOOD_DAY.latencyMs) }),
    ...('life' in words && { expiresIn: read('life', wholeSeconds, GOOD_DAY.expiresIn) }),
    ...('newest_only' in words && { mode: newestOnly ? 'newest-only' : 'many-live' }),
    ...('revoke' in words && { revokeAfterMs: read('revoke', milliseconds, undefined) }),
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, '': 1_000, m: 60_000 };

/** A number alone counts as seconds, as in Fiskil's `expires_in` and in `Retry-After`. */
function milliseconds(value: unknown, name: string): number {
  const [, digits, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|)$/.exec(String(value)) ?? [];
  if (digits === undefined) {
    return refuse(`${name} must be a time such as 500ms, 30s or 2m.`);
  }
  return Math.round(Number(digits) * (UNITS[unit] ?? 0));
}

function wholeSeconds(value: unknown, name: string): number {
  const seconds = milliseconds(value, name) / 1_000;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= A_DAY_S) {
    return seconds;
  }
  return refuse(`${name} must be a whole number of seconds from 1s to a day.`);
}

function wholeNumber(least: number, most: number, form: string) {
  return (value: unknown, name: string): number => {
    const number = /^\d{1,6}$/.test(String(value)) ? Number(value) : -1;
    return number >= least && number <= most ? number : refuse(`${name} must be ${form}.`);
  };
}

function trueOrFalse(value: unknown, name: string): boolean {
  return typeof value === 'boolean' ? value : refuse(`${name} must be true or false.`);
}
