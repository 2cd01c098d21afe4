import { PAUSE } from './budgets';

/** How long to pause before look number `looks` + 1, in milliseconds: it grows, and is shortened by up to half so that waiting calls spread. */
export function pauseBefore(looks: number, chance: number): number {
  return Math.min(PAUSE.first * PAUSE.growth ** looks, PAUSE.longest) * (1 - chance / 2);
}
