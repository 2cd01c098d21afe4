import { sha256 } from '../vending/sha256';
import type { Token } from '../vending/types';

/** What is said of a token at each of its vends. */
export interface TokenFacts {
  /** ISO 8601, with milliseconds. */
  readonly expiresAt: string;
  /** The first 16 hex digits of its SHA-256. */
  readonly sha256Prefix: string;
}

/** A token in memory is vended many times, and is worth no work but the first time. */
const known = new WeakMap<Token, TokenFacts>();

export function factsOf(token: Token): TokenFacts {
  const before = known.get(token);
  if (before) {
    return before;
  }
  const facts = {
    expiresAt: new Date(token.expiresAt * 1_000).toISOString(),
    sha256Prefix: sha256(token.value).slice(0, 16),
  };
  known.set(token, facts);
  return facts;
}
