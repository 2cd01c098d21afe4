import { lifeLeft, type Vend } from './answer';
import type { Clock } from './clock';
import { TokenVendingError, type TokenVendingErrorCode } from './errors';
import type { Heard } from './service';

/** Why the service was asked: for a caller who waits, behind a caller's back, or to replace a token. */
export type Purpose = 'call' | 'refresh' | 'rejection';

/** What a provider did. It never holds a token. */
export type TokenEvent =
  /** A token was served from memory. */
  | {
      readonly type: 'hit';
      /** Whole seconds of life left. */
      readonly expiresIn: number;
    }
  /** The service answered with a token; to a rejection, with another one. */
  | {
      readonly type: Purpose;
      /** From 1. */
      readonly attempt: number;
      readonly expiresIn: number;
      readonly requestId: string | undefined;
    }
  /** One attempt failed; another may follow. */
  | {
      readonly type: 'failure';
      readonly during: Purpose;
      readonly attempt: number;
      readonly code: TokenVendingErrorCode;
      readonly retryable: boolean;
      readonly status: number | undefined;
      /** Seconds. */
      readonly retryAfter: number | undefined;
      readonly requestId: string | undefined;
    };

export type OnEvent = (event: TokenEvent) => void;

/** Tells a listener, whose own failures are nobody's here. */
export class Events {
  constructor(
    private readonly onEvent: OnEvent | undefined,
    private readonly clock: Clock,
  ) {}

  hit(vend: Vend): void {
    if (this.onEvent) this.#tell({ type: 'hit', expiresIn: this.#expiresIn(vend) });
  }

  /** Tells of each request for this purpose. */
  of(purpose: Purpose): Heard {
    return (attempt, outcome) => {
      if (outcome instanceof TokenVendingError) {
        const { code, retryable, status, retryAfter, requestId } = outcome;
        this.#tell({ type: 'failure', during: purpose, attempt, code, retryable, status, retryAfter, requestId });
      } else {
        const { requestId } = outcome;
        this.#tell({ type: purpose, attempt, expiresIn: this.#expiresIn(outcome), requestId });
      }
    };
  }

  #expiresIn(vend: Vend): number {
    return Math.floor(lifeLeft(vend, this.clock));
  }

  #tell(event: TokenEvent): void {
    try {
      // An async listener's promise must not end the process either.
      void Promise.resolve(this.onEvent?.(event)).catch(() => {});
    } catch {
      // A call for a token does not fail because somebody who watches it does.
    }
  }
}
