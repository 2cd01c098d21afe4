import type { Clock } from './clock';
import { TokenVendingError } from './errors';
import type { TokenEvent } from './events';
import { lifeLeft, type Vend } from './token-api-answer';
import type { Heard } from './token-api-client';

/** Why the service is asked. */
export type Purpose = 'call' | 'refresh' | 'rejection';

export type OnEvent = (event: TokenEvent) => void;

/** Calls a listener, and ignores the listener's own failures. */
export class Listener {
  constructor(
    private readonly onEvent: OnEvent | undefined,
    private readonly clock: Clock,
  ) {}

  hit(vend: Vend): void {
    if (this.onEvent) {
      this.tell({ type: 'hit', expiresIn: this.expiresIn(vend) });
    }
  }

  /** Reports each request for this purpose. */
  of(purpose: Purpose): Heard {
    return (attempt, outcome) => {
      if (outcome instanceof TokenVendingError) {
        const { code, retryable, status, retryAfter, requestId } = outcome;
        this.tell({ type: 'failure', during: purpose, attempt, code, retryable, status, retryAfter, requestId });
      } else {
        const { requestId } = outcome;
        this.tell({ type: purpose, attempt, expiresIn: this.expiresIn(outcome), requestId });
      }
    };
  }

  private expiresIn(vend: Vend): number {
    return Math.floor(lifeLeft(vend, this.clock));
  }

  private tell(event: TokenEvent): void {
    try {
      // An async listener's promise must not end the process either.
      void Promise.resolve(this.onEvent?.(event)).catch(() => {});
    } catch {
      // A call for a token does not fail because a listener fails.
    }
  }
}
