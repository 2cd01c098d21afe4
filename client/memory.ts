import { type Clock, elapsedMs, type Instant, instant } from './clock';
import { TokenVendingError } from './errors';
import { lifeLeft, type Vend } from './token-api-answer';

/** What the service keeps unvended: shorter than that a token may be dead when it reaches Fiskil. */
const FLOOR_SECONDS = 5;

/** The floor for a token that was vended with less than 25 s of life. */
const FLOOR_SHARE = 1 / 5;

/** A credential's token is replaced once in 30 s at most; the bound is for a program that rejects what never was a token. */
const REMEMBERED = 100;

/** How long a refusal stands that only a person can change, where the service names no time: as long as between two replacements. */
const REFUSAL_SECONDS = 30;

interface RefusedToken {
  readonly error: TokenVendingError;
  readonly since: Instant;
  readonly seconds: number;
}

/** The token in hand, and what the service said of the tokens before it. */
export class TokenMemory {
  private current: Vend | undefined;
  /** What became of a token: a newer one replaced it, or the service refused to replace it. */
  private readonly fates = new Map<string, 'replaced' | RefusedToken>();

  constructor(private readonly clock: Clock) {}

  /** The token in hand if it has so many seconds of life left. */
  usable(minTtl: number): Vend | undefined {
    const vend = this.current;
    if (!vend) {
      return undefined;
    }
    const floor = Math.min(FLOOR_SECONDS, vend.life * FLOOR_SHARE);
    const left = lifeLeft(vend, this.clock);
    return left > 0 && left >= Math.max(minTtl, floor) ? vend : undefined;
  }

  /**
   * Takes an answer of the service, unless a newer one is in hand. Newer is what expires later by the service's word: the
   * order of requests proves nothing, since one environment of the service may answer from a memory of 10 s ago.
   */
  keep(vend: Vend): void {
    const current = this.current;
    if (current && current.token !== vend.token) {
      const isOlder = current.expiresAt > vend.expiresAt || this.fates.get(vend.token) === 'replaced';
      if (isOlder && this.usable(0)) {
        return;
      }
      if (current.expiresAt < vend.expiresAt) {
        this.note(current.token, 'replaced');
      }
    }
    this.current = vend;
  }

  /** Takes the answer to a rejection, and gives the token that is in hand then. */
  replace(rejected: string, vend: Vend): Vend {
    this.note(rejected, 'replaced');
    if (this.current?.token === rejected) {
      this.current = undefined;
    }
    this.keep(vend);
    return this.usable(0) ?? vend;
  }

  /** Remembers that a rejection failed. The token stays in hand. */
  refuse(token: string, error: unknown): void {
    if (!(error instanceof TokenVendingError)) {
      return;
    }
    const seconds = error.retryAfter ?? (error.retryable ? 0 : REFUSAL_SECONDS);
    if (seconds > 0) {
      this.note(token, { error, since: instant(this.clock), seconds });
    }
  }

  /** The newer token, where the service has named one. Throws the service's refusal to replace this one, while that stands. */
  insteadOf(token: string): Vend | undefined {
    const fate = this.fates.get(token);
    if (fate === 'replaced') {
      return this.usable(0);
    }
    if (!fate) {
      return undefined;
    }
    const left = Math.ceil(fate.seconds - elapsedMs(this.clock, fate.since) / 1000);
    if (left > 0) {
      throw again(fate.error, left);
    }
    return undefined;
  }

  private note(token: string, fate: 'replaced' | RefusedToken): void {
    this.fates.delete(token);
    this.fates.set(token, fate);
    const [oldest] = this.fates.keys();
    if (this.fates.size > REMEMBERED && oldest !== undefined) {
      this.fates.delete(oldest);
    }
  }
}

/** The same refusal for the next caller: an error is thrown once, and its seconds are counted from then. */
function again(error: TokenVendingError, left: number): TokenVendingError {
  const sentence = error.message.slice(error.code.length + 2);
  return new TokenVendingError(error.code, sentence, {
    ...error,
    ...(error.retryAfter !== undefined && { retryAfter: left }),
  });
}
