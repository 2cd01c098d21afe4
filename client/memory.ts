import { type Clock, elapsedMs, type Instant, instant } from './clock';
import { TokenVendingError } from './errors';
import { lifeLeft, type Vend } from './token-api-answer';

/** The service does not vend a token with less life than this, because the token may expire before it reaches Fiskil. */
const FLOOR_SECONDS = 5;

/** For a token that was vended with less than 25 s of life, the floor is this share of that life. */
const FLOOR_SHARE = 1 / 5;

/** The service replaces a credential's token at most once in 30 s. The limit is for a program that rejects other texts than tokens. */
const REMEMBERED = 100;

/** How long a refusal counts if only a person can change it and the service names no time: as long as between two replacements. */
const REFUSAL_SECONDS = 30;

interface RefusedToken {
  readonly error: TokenVendingError;
  readonly since: Instant;
  readonly seconds: number;
}

/** The current token, and what the service said about earlier ones. */
export class TokenMemory {
  private current: Vend | undefined;
  /** For each rejected or replaced token: a newer token replaced it, or the service refused to replace it. */
  private readonly fates = new Map<string, 'replaced' | RefusedToken>();

  constructor(private readonly clock: Clock) {}

  /** The current token, if it has this many seconds of life left. */
  usable(minTtl: number): Vend | undefined {
    const vend = this.current;
    if (!vend) {
      return undefined;
    }
    const floor = Math.min(FLOOR_SECONDS, vend.life * FLOOR_SHARE);
    const left = lifeLeft(vend, this.clock);
    return left > 0 && left >= Math.max(minTtl, floor) ? vend : undefined;
  }

  /** Keeps an answer of the service unless memory has a newer token. The newer token is the one that expires later, by the service's answer. The order of
   * requests proves nothing, because an environment of the service may answer from a memory that is up to 10 s old.
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

  /** Keeps the answer to a rejection, and returns the current token after that. */
  replace(rejected: string, vend: Vend): Vend {
    this.note(rejected, 'replaced');
    if (this.current?.token === rejected) {
      this.current = undefined;
    }
    this.keep(vend);
    return this.usable(0) ?? vend;
  }

  /** Remembers that a rejection failed. The token stays in use. */
  refuse(token: string, error: unknown): void {
    if (!(error instanceof TokenVendingError)) {
      return;
    }
    const seconds = error.retryAfter ?? (error.retryable ? 0 : REFUSAL_SECONDS);
    if (seconds > 0) {
      this.note(token, { error, since: instant(this.clock), seconds });
    }
  }

  /** The newer token, if the service has given one. Throws the service's refusal to replace this token, while the refusal counts. */
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

/** The same refusal as a new error for the next caller, with the seconds that are left. */
function again(error: TokenVendingError, left: number): TokenVendingError {
  const sentence = error.message.slice(error.code.length + 2);
  return new TokenVendingError(error.code, sentence, {
    ...error,
    ...(error.retryAfter !== undefined && { retryAfter: left }),
  });
}
