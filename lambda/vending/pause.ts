import { PAUSE } from './budgets';

/** How long to pause before look number `looks` + 1, in milliseconds: growing, and shortened by up to half so that waiters spread. */
export function pauseBefore(looks: number, chance: number): number {
  return Math.min(PAUSE.first * PAUSE.growth ** looks, PAUSE.longest) * (1 - chance / 2);
}
