import { describe, expect, test } from '@jest/globals';
import { BREAKS } from './breaks';
import { firstViolation, simulatorWith } from './broken';
import { simulate } from './simulate';

/** Most are found within ten runs; what needs a rare coincidence, within some hundreds. */
const RUNS = 600;

/** The simulator bites: with one piece of the real engine or of its table broken, it finds the promise that this breaks. */
describe.each(Object.entries(BREAKS))('the promise "%s" is found broken', (invariant, breaks) => {
  test.each(breaks)('where $where', async ({ engine, outside = {}, faults = [] }) => {
    const run = engine ? simulatorWith(engine) : simulate;
    expect(await firstViolation(run, RUNS, faults, outside)).toMatchObject({ invariant });
  });
});
