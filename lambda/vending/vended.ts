import type { FailureCode, Token, VendingRecord } from '../record/types';
import { untilExpiry } from './windows';

/** Where the token of an answer came from. */
export type Source = 'memory' | 'table' | 'mint';

/** A token and the instant (epoch milliseconds) of its vend. */
export interface Vended {
  readonly token: Token;
  readonly source: Source;
  readonly at: number;
  /** The last mint's failure, if it failed. So there is no newer token. */
  readonly behindFailure?: FailureCode;
}

/** Whole seconds that the token had left when it was vended, rounded down. */
export function secondsLeft({ token, at }: Vended): number {
  return Math.floor(untilExpiry(token, at) / 1_000);
}

/** The answer with the token of a record. */
export function vendedFrom(record: VendingRecord | undefined, token: Token, source: Source, at: number): Vended {
  const code = record?.failure?.code;
  return { token, source, at, ...(code && { behindFailure: code }) };
}
