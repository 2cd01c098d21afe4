import type { Call } from './table';

/** What a call came to. */
export interface Outcome {
  readonly token?: string;
  readonly error?: {
    readonly code: string;
    readonly status: number | null;
    readonly retry_after: number | null;
    readonly retryable: boolean;
    readonly request_id: string | null;
    readonly message: string;
  };
}

/**
 * A client of the token API, made to do what the table says. Its clock is moved: a pause moves it at once, and a wait as
 * long as the whole budget ends when something else has moved it that far.
 */
export interface Driver {
  /** A new provider, with this environment and no other. */
  open(env: Readonly<Record<string, string>>): Promise<void>;
  /** `token` is as it is on the wire. */
  call(call: Call): Promise<Outcome[]>;
  move(seconds: number): Promise<void>;
  wall(seconds: number): Promise<void>;
  settle(): Promise<void>;
  /** How many callers wait for an answer. */
  waiting(): Promise<number>;
  /** Seconds that its clock was moved since `open`. */
  spent(): Promise<number>;
  stop(): Promise<void>;
}

/** Seconds: the contract's budget for a call. */
export const BUDGET = 30;
