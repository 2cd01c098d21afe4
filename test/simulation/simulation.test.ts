import { expect, test } from '@jest/globals';
import { simulatorWith } from './broken';
import { EVERY_FAULT } from './faults';
import { simulate } from './simulate';

/** The same ones each time, so that a failure belongs to the change that it comes with; `npm run simulate` takes others. */
const SEEDS = 2_000;

type Decide = typeof import('../../lambda/vending/decide');

const DECISIONS = [
  ...['serve', 'refresh', 'mint', 'wait', 'fail', 'refuse', 'too_soon'].map((action) => `vend: ${action}`),
  ...['nothing', 'mint', 'compare'].map((action) => `tick: ${action}`),
];

test(`no promise is broken in ${SEEDS} worlds, in which every fault and every decision occurs`, async () => {
  const decisions = new Set<string>();
  const noting = <A extends unknown[], D extends { action: string }>(who: string, decide: (...args: A) => D) => {
    return (...args: A): D => {
      const decision = decide(...args);
      decisions.add(`${who}: ${decision.action}`);
      return decision;
    };
  };
  const watched = simulatorWith({
    decide: ({ decideVend, decideTick }: Decide) => ({
      decideVend: noting('vend', decideVend),
      decideTick: noting('tick', decideTick),
    }),
  });
  const occurred = new Set<string>();
  const broken: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violation, counts } = await watched(seed);
    if (violation) {
      broken.push(`${violation.invariant}: ${violation.detail}: npm run simulate -- --seed ${seed}`);
    }
    for (const what of counts.keys()) {
      occurred.add(what);
    }
  }
  expect(broken).toEqual([]);
  expect(EVERY_FAULT.filter((fault) => !occurred.has(`fault ${fault}`))).toEqual([]);
  expect(DECISIONS.filter((decision) => !decisions.has(decision))).toEqual([]);
});

test('the same seed makes the same world', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const [one, other] = [await simulate(seed, { trace: true }), await simulate(seed, { trace: true })];
    expect(one.trace.length).toBeGreaterThan(0);
    expect(other).toEqual(one);
  }
});
