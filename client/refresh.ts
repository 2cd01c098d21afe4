import { type Clock, elapsedMs, type Instant, instant } from './clock';
import { TokenVendingError } from './errors';
import type { TokenMemory } from './memory';
import { CALL_BUDGET_MS } from './retry';
import { lifeLeft, type Vend } from './token-api-answer';

/** The client refreshes a token in the background below this share of its life. The service replaces a token within a minute after a third is left. A
 * client that asks at a third would mostly get the old token and have to ask again.
 */
const REFRESH_SHARE = 1 / 4;

/** The pause after a refresh, which may have got no newer token: a tenth of the available time, but at least 1 s. */
const PAUSE_SHARE = REFRESH_SHARE / 10;
const SHORTEST_PAUSE_S = 1;

/** Keeps the current token fresh in the background. `ask` makes one request for a token. */
export class RefreshAhead {
  private pause: { readonly since: Instant; readonly seconds: number } | undefined;

  constructor(
    private readonly memory: TokenMemory,
    private readonly clock: Clock,
    private readonly ask: () => Promise<Vend>,
  ) {}

  /** Starts a refresh if this token is due for one. Never throws, never waits. */
  consider(inHand: Vend): void {
    if (lifeLeft(inHand, this.clock) > inHand.life * REFRESH_SHARE) {
      return;
    }
    if (this.pause && elapsedMs(this.clock, this.pause.since) < this.pause.seconds * 1000) {
      return;
    }
    // One refresh at a time. A refresh that was frozen has not ended, but no longer counts.
    this.rest(CALL_BUDGET_MS / 1000);
    void this.refresh(inHand);
  }

  private async refresh(inHand: Vend): Promise<void> {
    let retryAfter = 0;
    try {
      this.memory.keep(await this.ask());
    } catch (error) {
      // The current token is still valid. A caller that needs another one asks again, and then gets the error.
      if (error instanceof TokenVendingError) {
        retryAfter = error.retryAfter ?? 0;
      }
    }
    this.rest(Math.max(SHORTEST_PAUSE_S, inHand.life * PAUSE_SHARE, retryAfter));
  }

  private rest(seconds: number): void {
    this.pause = { since: instant(this.clock), seconds };
  }
}
