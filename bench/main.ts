/**
 * `npm run bench` measures everything and writes docs/performance.md; `npm run bench -- stampede` measures that alone.
 * Runs on Node 24, Lambda's: where this Node is another, the one that the tests fetched takes over.
 */
import { spawnSync } from 'node:child_process';
import { node24Program, ROOT } from '../test/support/toolbox';

/** In the order in which they run: what needs a quiet machine least comes last. */
const BENCHES: Readonly<Record<string, () => Promise<{ run(): Promise<void> }>>> = {
  cold: () => import('./cold/bench'),
  warm: () => import('./warm/bench'),
  caller: () => import('./caller/bench'),
  cost: () => import('./cost/bench'),
  stampede: () => import('./stampede/bench'),
};

async function main(asked: readonly string[]): Promise<void> {
  const names = asked.length > 0 ? asked : Object.keys(BENCHES);
  const unknown = names.find((name) => !(name in BENCHES));
  if (unknown !== undefined) {
    throw new Error(`There is no bench ${unknown}; there are ${Object.keys(BENCHES).join(', ')}.`);
  }
  if (!process.versions.node.startsWith('24.')) {
    process.exitCode = onNode24(names);
    return;
  }
  for (const name of names) {
    const started = Date.now();
    console.log(`\n${name} …`);
    await (await BENCHES[name]?.())?.run();
    console.log(`${name}: ${Math.round((Date.now() - started) / 1_000)} s`);
  }
}

function onNode24(names: readonly string[]): number {
  const { status, error } = spawnSync(node24Program(), ['--import', require.resolve('tsx'), __filename, ...names], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (error) throw new Error(`No Node 24 (${error.message}): npm test fetches it, or run this with Node 24.`);
  return status ?? 1;
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
