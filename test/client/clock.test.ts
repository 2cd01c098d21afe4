import { describe, expect, it } from '@jest/globals';
import { unlessAborted } from '../../client/abort';
import { elapsedMs, systemClock } from '../../client/clock';
import { errorOf } from './support';

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('the system’s clock', () => {
  it('waits', async () => {
    const before = performance.now();
    await systemClock.wait(5, new AbortController().signal);
    expect(performance.now() - before).toBeGreaterThan(4);
  });

  it('stops waiting with the signal’s reason, and leaves no timer to keep a process alive', async () => {
    const before = timers();
    const mine = new AbortController();
    const failure = errorOf(systemClock.wait(100_000, mine.signal));
    mine.abort('mine');
    expect(await failure).toBe('mine');
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('does not begin to wait if the signal is aborted already', async () => {
    const before = timers();
    expect(await errorOf(systemClock.wait(100_000, AbortSignal.abort('mine')))).toBe('mine');
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('measures milliseconds on both clocks', () => {
    const [seconds, nanoseconds] = process.hrtime();
    const boot = seconds * 1_000 + nanoseconds / 1e6;
    const minutesSince = (wall: number, monotonic: number) =>
      Math.floor(elapsedMs(systemClock, { wall: Date.now() - wall, monotonic: boot - monotonic }) / 60_000);
    expect(minutesSince(300_000, 0)).toBe(5);
    expect(minutesSince(0, 420_000)).toBe(7);
  });
});

describe('unlessAborted', () => {
  it('rejects at once if the signal was aborted before', async () => {
    expect(await errorOf(unlessAborted(new Promise(() => {}), AbortSignal.abort('mine')))).toBe('mine');
  });
});
