import type { Call } from './table';

/** The outcome of a call. */
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
 * A client of the token API, driven by the table. Its clock does not run by itself. A pause moves it at once. A wait as long as the whole budget does
 * not move it, and ends once something else has moved it that far.
 */
export interface Driver {
  /** Makes a new provider, with only this environment. */
  open(env: Readonly<Record<string, string>>): Promise<void>;
  /** `token` is the token in the HTTP answer. */
  call(call: Call): Promise<Outcome[]>;
  move(seconds: number): Promise<void>;
  wall(seconds: number): Promise<void>;
  settle(): Promise<void>;
  /** The number of callers that wait for an answer. */
  waiting(): Promise<number>;
  /** The seconds by which its clock has moved since `open`. */
  spent(): Promise<number>;
  stop(): Promise<void>;
}

/** The contract's budget for a call, in seconds. */
export const BUDGET = 30;
