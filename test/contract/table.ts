import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the scripted server answers to one request. A token's name in the table stands for a longer text on the wire. */
export interface Answer {
  readonly token?: string;
  /** @default 900 */
  readonly expires_in?: number;
  /** Fields of the 200's body that are otherwise. */
  readonly with?: Readonly<Record<string, unknown>>;
  readonly status?: number;
  readonly code?: string;
  readonly retry_after?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole body, in place of a problem's. */
  readonly body?: string;
  /** So many bytes of body. */
  readonly bytes?: number;
  /** The connection ends without an answer, or in the middle of one. */
  readonly breaks?: 'before' | 'within';
  /** The answer waits for the step `release`. */
  readonly held?: true;
  /** Every later request gets it too. */
  readonly again?: true;
}

export interface Failure {
  readonly code: string;
  readonly status?: number | null;
  readonly retry_after?: number | null;
  readonly retryable?: boolean;
  readonly request_id?: string | null;
  /** A part of the message. */
  readonly says?: string;
}

export interface Call {
  readonly call: 'get' | 'reject';
  readonly min_ttl?: number;
  readonly token?: string;
  /** So many at once. */
  readonly times?: number;
}

interface Expectation {
  readonly gives?: string;
  readonly fails?: Failure;
}

export type Step =
  | (Call & Expectation & { readonly as?: undefined })
  /** A call that goes on while the next steps are taken, until `end`. */
  | (Call & { readonly as: string })
  | ({ readonly end: string } & Expectation)
  | { readonly release: true }
  /** Moves both clocks. */
  | { readonly move: number }
  /** Moves the wall clock alone, as the thaw of a frozen environment does, or somebody's hand. */
  | { readonly wall: number }
  /** Waits until nothing is under way behind the callers' backs. */
  | { readonly settle: true }
  /** The requests since the last such step: `GET`, `GET min_ttl=60`, `POST t1`. */
  | { readonly saw: readonly string[] }
  | { readonly saw_at_least: number }
  /** Less than so many seconds on the driver's clock since the case began. */
  | { readonly spent_less_than: number };

export interface Case {
  readonly name: string;
  /** Over the variables that each case has; null for one that is not set. */
  readonly env?: Readonly<Record<string, string | null>>;
  readonly server?: readonly Answer[];
  readonly steps: readonly Step[];
}

/** Everything that a client of the token API must do, whatever language it is in. A line for each case. */
export function table(): readonly Case[] {
  return ['tokens', 'refresh', 'rejections', 'repeats', 'answers', 'options'].flatMap((name) =>
    readFileSync(join(__dirname, 'table', `${name}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Case),
  );
}
