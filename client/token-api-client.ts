import { unlessAborted } from './abort';
import { createHash } from './builtins';
import { instant } from './clock';
import { TokenVendingError } from './errors';
import type { Settings } from './options';
import { refusal } from './refusal';
import { CALL_BUDGET_MS, isWorthRepeating, pauseMs } from './retry';
import { sign } from './sign';
import { readVend, type Vend } from './token-api-answer';
import { USER_AGENT } from './user-agent';

/** Is called for each request that ended, with a token or with an error. */
export type Heard = (attempt: number, outcome: Vend | TokenVendingError) => void;

/** The token API, with repeats within the budget. Both calls reject with the signal's reason once the signal is aborted. */
export interface TokenApiClient {
  /** A token with at least `minTtl` seconds of life left; 0 for any. */
  vend(minTtl: number, attempts: number, signal: AbortSignal, heard?: Heard): Promise<Vend>;
  /** A token other than the one named. */
  reject(token: string, signal: AbortSignal, heard?: Heard): Promise<Vend>;
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly body?: string;
  readonly attempts: number;
  readonly heard: Heard | undefined;
}

/** `random` returns numbers from 0 to 1, for the jitter of pauses. */
export function createTokenApiClient(settings: Settings, random: () => number): TokenApiClient {
  const { base, credential, clock } = settings;

  async function once({ method, url, body }: Call, signal: AbortSignal): Promise<Vend> {
    const credentials = await unlessAborted(settings.credentials(), signal);
    const sentAt = instant(clock);
    const headers = await sign(
      { method, url, body, headers: body === undefined ? {} : { 'content-type': 'application/json' } },
      { service: 'execute-api', region: settings.region, credentials, date: new Date(sentAt.wall) },
    );
    headers.accept = 'application/json, application/problem+json';
    headers['user-agent'] = USER_AGENT;
    const answer = await unlessAborted(settings.transport({ method, url, headers, body, signal }), signal);
    if (answer.status !== 200) {
      throw refusal(answer, settings, method, sentAt);
    }
    return readVend(answer, credential, sentAt);
  }

  async function repeatedly(call: Call, signal: AbortSignal): Promise<Vend> {
    // Not the wall clock: time in a frozen environment does not count.
    const started = clock.monotonic();
    let lastError: TokenVendingError | undefined;
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          const vend = await once(call, signal);
          call.heard?.(attempt, vend);
          return vend;
        } catch (error) {
          if (signal.aborted || !(error instanceof TokenVendingError)) {
            throw error;
          }
          lastError = error;
          call.heard?.(attempt, error);
        }
        if (attempt >= call.attempts || !isWorthRepeating(lastError, call.method)) {
          throw lastError;
        }
        const pause = pauseMs(lastError, attempt, random(), started + CALL_BUDGET_MS - clock.monotonic());
        if (pause === undefined) {
          throw lastError;
        }
        // The waiting call itself keeps the process alive, for its budget.
        if (pause > 0) {
          await clock.wait(pause, signal, true);
        }
      }
    } catch (error) {
      // The last answer says more than "timeout".
      throw lastError && error instanceof TokenVendingError ? lastError : error;
    }
  }

  return {
    vend(minTtl, attempts, signal, heard) {
      const url = new URL(`tokens/${credential}`, base);
      if (minTtl > 0) {
        url.searchParams.set('min_ttl', String(minTtl));
      }
      return repeatedly({ method: 'GET', url, attempts, heard }, signal);
    },
    reject(token, signal, heard) {
      const url = new URL(`tokens/${credential}/rejections`, base);
      const body = JSON.stringify({ token_sha256: createHash('sha256').update(token).digest('hex') });
      return repeatedly({ method: 'POST', url, body, attempts: Number.POSITIVE_INFINITY, heard }, signal);
    },
  };
}
