/** The clock of this client. Only tests replace it. */
export interface Clock {
  /** Milliseconds since 1970, by the machine's clock. */
  now(): number;
  /** Milliseconds since some instant. This clock never goes back. */
  monotonic(): number;
  /** Resolves after this many milliseconds. Rejects with the signal's reason if the signal is aborted first. A wait in the background does not keep the
   * process alive.
   */
  wait(ms: number, signal: AbortSignal, inBackground?: boolean): Promise<void>;
}

export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // Not `performance`, because Node loads more code for that, which costs a cold caller half a millisecond.
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
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

/** Milliseconds since then, by the clock that says more. Lambda freezes an environment between invocations. The monotonic clock may stop during a
 * freeze; the wall clock is right again afterwards. If somebody sets the wall clock back, the monotonic clock is right. If somebody sets the wall clock
 * forward, a token looks older than it is, which costs one request. The opposite error would cost a refused call.
 */
export function elapsedMs(clock: Clock, since: Instant): number {
  return Math.max(clock.now() - since.wall, clock.monotonic() - since.monotonic);
}
