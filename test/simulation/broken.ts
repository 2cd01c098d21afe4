import { jest } from '@jest/globals';
import type { Fault } from './faults';
import type { Violation } from './promises';
import { Random } from './random';
import type { Breaks, simulate } from './simulate';
import { drawWeather } from './weather';

/** Modules, by their paths from the engine, each with what it exports instead. */
export type Replacements = Readonly<Record<string, (actual: never) => object>>;

const ENGINE = '../../lambda/vending';

/** The simulator over the real engine, in which these exports are replaced. */
export function simulatorWith(replacements: Replacements): typeof simulate {
  let isolated: typeof simulate | undefined;
  jest.isolateModules(() => {
    for (const [module, replace] of Object.entries(replacements)) {
      const path = `${ENGINE}/${module}`;
      jest.doMock(path, () => {
        const actual = jest.requireActual<object>(path);
        return { ...actual, ...replace(actual as never) };
      });
    }
    isolated = (require('./simulate') as typeof import('./simulate')).simulate;
    for (const module of Object.keys(replacements)) {
      jest.dontMock(`${ENGINE}/${module}`);
    }
  });
  return isolated as typeof simulate;
}

/** The first promise that turns out broken in the seeds from 1 on, among those whose weather brings these faults. */
export async function firstViolation(
  run: typeof simulate,
  runs: number,
  faults: readonly Fault[],
  breaks: Breaks,
): Promise<(Violation & { readonly seed: number }) | undefined> {
  let seed = 0;
  for (let left = runs; left > 0; left--) {
    do {
      seed++;
    } while (!brings(seed, faults));
    const { violation } = await run(seed, { breaks });
    if (violation) {
      return { ...violation, seed };
    }
  }
  return undefined;
}

function brings(seed: number, faults: readonly Fault[]): boolean {
  const { spells } = drawWeather(new Random(seed), 0);
  return faults.every((fault) => spells.some((spell) => spell.fault === fault));
}
