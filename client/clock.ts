/** Where this client takes the time from. Given by tests; everybody else leaves it out. */
export interface Clock {
  /** Milliseconds since 1970, as the machine believes. */
  now(): number;
  /** Milliseconds since some instant, never set back. */
  monotonic(): number;
  /**
   * Resolves after so many milliseconds; rejects with the signal's reason if that is aborted first. A wait in the
   * background lets the process end before it.
   */
  wait(ms: number, signal: AbortSignal, inBackground?: boolean): Promise<void>;
}

export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  wait: (ms, signal, inBackground = false) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        return reject(signal.reason);
      }
      const abort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', abort);
        resolve();
      }, ms);
      if (inBackground) {
        timer.unref();
      }
      signal.addEventListener('abort', abort, { once: true });
    }),
};

export function instant(clock: Clock): Instant {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}

/**
 * Milliseconds since then, by whichever clock says more. In a frozen environment (Lambda between invocations) the
 * monotonic clock may stand still while the wall clock, set right at the thaw, tells how long it was. A wall clock set
 * back is caught by the monotonic one. A wall clock set forward without reason makes a token look older than it is,
 * which costs one request; the other error would cost a refused call.
 */
export function elapsedMs(clock: Clock, since: Instant): number {
  return Math.max(clock.now() - since.wall, clock.monotonic() - since.monotonic);
}
