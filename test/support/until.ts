import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer; never a fixed sleep.
 * @param what for the error: what was waited for
 * @param probe undefined means "not yet"; an exception ends the wait
 */
export async function until<T>(what: string, limitMs: number, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await pause(50);
  }
}
