/**
 * Run before jest: names what the machine lacks, and fetches what the registries have.
 * `prepare.ts java` and the like ask for less than everything.
 */
import { faults, inspect, type Need } from './machine';
import { fetchTools } from './toolbox';

async function main(asked: readonly string[]): Promise<void> {
  const needs: readonly Need[] = asked.length > 0 ? (['node', ...asked] as Need[]) : ['node', 'java', 'python'];
  const machine = await inspect(needs);
  const missing = faults(machine, needs);
  if (missing.length > 0) throw new Error(missing.join('\n'));
  await fetchTools(machine, (line) => console.error(line));
}

main(process.argv.slice(2)).catch((error: Error & { stderr?: string }) => {
  console.error([error.message, error.stderr].filter(Boolean).join('\n'));
  process.exitCode = 1;
});
