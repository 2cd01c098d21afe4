import type { Clients } from './clients';
import type { VerifyOptions } from './options';
import type { Stack } from './stack';
import type { TokenApi } from './token-api';

/** Time, as an argument. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** The arguments of every check. */
export interface CheckContext {
  readonly options: VerifyOptions;
  readonly stack: Stack;
  /** AWS, as the shell's credentials see it. */
  readonly aws: Clients;
  /** The token API, called by the shell's credentials, or by the role of `--as-role`. */
  readonly api: TokenApi;
  readonly clock: Clock;
  /** Calls Fiskil. */
  readonly fetch: typeof globalThis.fetch;
}

/** Asks until there is an answer. Returns undefined when the time is up.
 * @param limit milliseconds
 * @param pause milliseconds between two attempts
 */
export async function poll<T>(
  clock: Clock,
  limit: number,
  pause: number,
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = clock.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || clock.now() >= end) {
      return answer;
    }
    await clock.sleep(pause);
  }
}
