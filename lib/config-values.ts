/** The configuration cannot be used. The message names the key, what is wrong with it, and what to do. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Turns one context value into the value for the stack, or throws a `ConfigurationError`. `key` is the name as the person wrote it. No check quotes a
 * value, because somebody will paste a client secret in the wrong place one day.
 */
export type Check<T> = (value: unknown, key: string) => T;

export function refuse(sentence: string): never {
  throw new ConfigurationError(sentence);
}

/** `-c key=value` gives text. Values of other types are JSON in that text. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    // The parser's message quotes its input. The next check says what it expected.
    return value;
  }
}

/** Text that matches a pattern; `form` completes the sentence "… must be". */
export function text(pattern: RegExp, form: string): Check<string> {
  return (value, key) => (typeof value === 'string' && pattern.test(value) ? value : refuse(`${key} must be ${form}.`));
}

export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  return (value, key) =>
    words.find((word) => word === value) ?? refuse(`${key} must be ${words.map((word) => `"${word}"`).join(' or ')}.`);
}

export const flag: Check<boolean> = (value, key) => {
  const given = parsed(value);
  return typeof given === 'boolean' ? given : refuse(`${key} must be true or false.`);
};

export function number(fits: (value: number) => boolean, form: string): Check<number> {
  return (value, key) => {
    const given = parsed(value);
    return typeof given === 'number' && fits(given) ? given : refuse(`${key} must be ${form}.`);
  };
}

export function list<T>(item: Check<T>, form: string): Check<readonly T[]> {
  return (value, key) => {
    const given = parsed(value);
    if (!Array.isArray(given)) {
      return refuse(`${key} must be a JSON array of ${form}.`);
    }
    return given.map((each, index) => item(each, `${key}[${index}]`));
  };
}

/** A JSON object, without a check of its members. */
export function members(value: unknown, key: string, form: string): Readonly<Record<string, unknown>> {
  const given = parsed(value);
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  return isObject ? (given as Record<string, unknown>) : refuse(`${key} must be ${form}.`);
}

/** Refuses unknown members. */
export function only(known: readonly string[], given: object, key: string): void {
  const at = Object.keys(given).findIndex((name) => !known.includes(name));
  const unknown = Object.keys(given)[at];
  if (unknown === undefined) {
    return;
  }
  if (/^(next_)?client_(id|secret)$/.test(unknown)) {
    refuse(`${key} contains ${unknown}: remove it here, and paste the pair into the secret after the deploy.`);
  }
  // Names the member by its position, because its name can be a secret that was pasted between the wrong quotes.
  refuse(`${key}: member ${at + 1} is not one of ${known.join(', ')}: correct it, or remove it.`);
}

/** The known word that differs from `word` by the fewest edits. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return [...known].sort((a, b) => distance(word, a) - distance(word, b))[0];
}

/** Levenshtein's distance, one row at a time. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replace = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
