import { lifeLeft, type Vend } from './answer';
import type { Clock } from './clock';

/** What the service keeps unvended: shorter than that a token may be dead when it reaches Fiskil. */
const FLOOR_SECONDS = 5;

/** The floor for a token that was vended with less than 25 s of life. */
const FLOOR_SHARE = 1 / 5;

/**
 * A rejected token can come back from another environment's memory for 10 s, and one a credential is replaced in 30 s at
 * most, so a handful would do; the bound is for a program that rejects strings that never were tokens.
 */
const REMEMBERED = 100;

/** The token in hand, and the ones that must not be it again. */
export class TokenMemory {
  #current: Vend | undefined;
  /** The current one of before, as long as its rejection is under way. */
  #doubted: Vend | undefined;
  readonly #rejected = new Remembered();
  readonly #replaced = new Remembered();

  constructor(private readonly clock: Clock) {}

  /** The token in hand if it has so many seconds of life left. */
  usable(minTtl: number): Vend | undefined {
    const vend = this.#current;
    if (!vend) return undefined;
    const floor = Math.min(FLOOR_SECONDS, vend.life * FLOOR_SHARE);
    return lifeLeft(vend, this.clock) >= Math.max(minTtl, floor) ? vend : undefined;
  }

  /**
   * Takes an answer of the service, unless a newer one is in hand. Newer is what expires later by the service's word: the
   * order of requests proves nothing, since one environment of the service may answer from a memory of 10 s ago.
   */
  keep(vend: Vend): void {
    if (this.#rejected.has(vend.token)) return;
    const current = this.#current;
    if (current && current.token !== vend.token) {
      if (current.expiresAt > vend.expiresAt && this.usable(0)) return;
      this.#replaced.add(current.token);
    }
    this.#current = vend;
  }

  /** Takes the answer to a rejection, which makes the token that it named the older one. */
  replace(rejected: string, vend: Vend): void {
    this.#replaced.add(rejected);
    this.keep(vend);
  }

  reject(token: string): void {
    this.#rejected.add(token);
    if (this.#current?.token !== token) return;
    this.#doubted = this.#current;
    this.#current = undefined;
  }

  /** Takes a rejection back that the service did not accept. */
  reinstate(token: string): void {
    this.#rejected.delete(token);
    if (this.#doubted?.token === token) this.keep(this.#doubted);
  }

  isRejected(token: string): boolean {
    return this.#rejected.has(token);
  }

  /** Whether the service itself named a newer token than this one. */
  isReplaced(token: string): boolean {
    return this.#replaced.has(token);
  }
}

class Remembered {
  readonly #tokens = new Set<string>();

  add(token: string): void {
    this.#tokens.delete(token);
    this.#tokens.add(token);
    const [oldest] = this.#tokens;
    if (this.#tokens.size > REMEMBERED && oldest !== undefined) this.#tokens.delete(oldest);
  }

  delete(token: string): void {
    this.#tokens.delete(token);
  }

  has(token: string): boolean {
    return this.#tokens.has(token);
  }
}
