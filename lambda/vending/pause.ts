import { PAUSE } from './budgets';

/** The pause after `tries` tries, in milliseconds: it grows, and is shortened by up to half so that waiting calls spread. */
export function pauseBefore(tries: number, chance: number): number {
  return Math.min(PAUSE.first * PAUSE.growth ** tries, PAUSE.longest) * (1 - chance / 2);
}
