// Jest's global is its own wrapper, and the slowest thing in a run.
import { setImmediate } from 'node:timers';

/** Something that happens at an instant of virtual time. */
export interface Happening {
  readonly due: number;
  readonly order: number;
  readonly run: () => void;
  /** What happens instead if its owner was frozen while it came: a connection that timed out meanwhile. */
  readonly spoilt: (() => void) | undefined;
  readonly owner: Owner | undefined;
}

/** Whose code a happening runs. */
export interface Owner {
  /** Lets it happen, or not, or later; says whether code ran. */
  deliver(happening: Happening): boolean;
}

/** One virtual clock and everything that is still to come, in an order that depends on the seed alone. */
export class Scheduler {
  /** True time, epoch milliseconds. No environment sees it: each has a clock of its own. */
  now = Date.UTC(2026, 10, 25);
  private count = 0;
  /** Latest first, so that the next one is taken from the end. */
  private readonly queue: Happening[] = [];

  in(delay: number, run: () => void, owner?: Owner, spoilt?: () => void): void {
    const happening = { due: this.now + Math.max(0, Math.trunc(delay)), order: ++this.count, run, spoilt, owner };
    let low = 0;
    for (let high = this.queue.length; low < high; ) {
      const middle = (low + high) >>> 1;
      const other = this.queue[middle];
      // Of two at one instant the one that was scheduled first comes first.
      if (other && other.due > happening.due) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    this.queue.splice(low, 0, happening);
  }

  at(instant: number, run: () => void, owner?: Owner): void {
    this.in(instant - this.now, run, owner);
  }

  /** Goes on until `limit` or until nothing is left to happen; at once where `stopped` says so. */
  async runUntil(limit: number, stopped: () => boolean): Promise<void> {
    for (;;) {
      const next = this.queue.at(-1);
      if (!next || next.due > limit || stopped()) {
        break;
      }
      this.queue.pop();
      this.now = next.due;
      if (!next.owner) {
        next.run();
      } else if (next.owner.deliver(next)) {
        await everyPromiseSettled();
      }
    }
    if (Number.isFinite(limit) && !stopped()) {
      this.now = Math.max(this.now, limit);
    }
  }
}

/** A macrotask begins when no microtask is left; and Node reports unhandled rejections before it. */
function everyPromiseSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
