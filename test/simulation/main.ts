import { parseArgs } from 'node:util';
import { type Report, simulate } from './simulate';

/**
 * npm run simulate -- --seeds N        as many seeds as asked, from a random one on
 * npm run simulate -- --seed S         one seed, with its trace
 * npm run simulate -- --seeds N --seed S   N seeds from S on
 */
const { values } = parseArgs({ options: { seeds: { type: 'string' }, seed: { type: 'string' } } });

/** The last lines are what led to a violation. */
const LINES = 60;

function fail(report: Report): void {
  const { seed, violation } = report;
  console.error(`seed ${seed} breaks "${violation?.invariant}": ${violation?.detail}`);
  console.error(`npm run simulate -- --seed ${seed}`);
  process.exitCode = 1;
}

async function one(seed: number): Promise<void> {
  const report = await simulate(seed, { trace: true });
  const { spells, bursts: _instants, ...weather } = report.weather;
  console.log(JSON.stringify({ ...weather, faults: spells.map(({ fault }) => fault) }));
  console.log(report.trace.slice(report.violation ? -LINES : 0).join('\n'));
  if (report.violation) {
    fail(report);
  }
}

async function many(first: number, seeds: number): Promise<void> {
  const totals = new Map<string, number>();
  const startedAt = performance.now();
  for (let seed = first; seed < first + seeds; seed++) {
    const report = await simulate(seed);
    for (const [what, count] of report.counts) {
      totals.set(what, (totals.get(what) ?? 0) + count);
    }
    if (report.violation) {
      fail(report);
    }
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const [what, count] of [...totals].sort(([one], [other]) => one.localeCompare(other))) {
    console.log(`${what.padEnd(40)}${String(count).padStart(10)}`);
  }
  console.log(
    `seeds ${first} to ${first + seeds - 1}: ${seeds} runs in ${seconds.toFixed(1)} s, ${(seeds / seconds).toFixed(0)} runs/s`,
  );
}

const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
const seed = values.seed === undefined ? undefined : Number(values.seed);
if (
  (seeds === undefined && seed === undefined) ||
  !Number.isSafeInteger(seeds ?? 1) ||
  !Number.isSafeInteger(seed ?? 1)
) {
  throw new Error('Say --seeds N (how many), --seed S (which), or both.');
}
void (seeds === undefined && seed !== undefined
  ? one(seed)
  : many(seed ?? Math.floor(Math.random() * 1e9), seeds ?? 1));
