import type { Check } from './check';
import { failed, ok } from './finding';
import { linesWith } from './logs';

/** Milliseconds. Lambda renews an environment every few hours, so a day has some cold starts. */
const DAY = 86_400_000;

const coldStart: Check = {
  id: 'cold-start',
  async run(context) {
    const { logGroup: group } = await context.stack.vendFunction();
    const since = context.clock.now() - DAY;
    const times = (await linesWith(context, { group, text: 'Init Duration', since }))
      .map((line) => Number(/^REPORT .*\bInit Duration: ([\d.]+) ms/s.exec(line)?.[1]))
      .filter((ms) => ms > 0)
      .sort((a, b) => a - b);
    if (times.length === 0) {
      const todo = "check that the function runs, and that its log has Lambda's REPORT lines (log format Text)";
      return failed('No REPORT line of the last day has an Init Duration', todo);
    }
    const [median, p99] = [0.5, 0.99].map((share) => Math.round(quantile(times, share)));
    return ok(`Init duration of ${times.length} cold starts in a day: median ${median} ms, p99 ${p99} ms`);
  },
};

export const coldStartChecks = [coldStart];

/** The smallest value with at least this share of all values at or below it. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
