/** `npm run test:signers`: each file of docs/callers against the front of `npm start` and the stack in the emulator. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from '../support/machine';
import { fetchTools } from '../support/toolbox';
import { check } from './check';
import { isGreen, type Result, summary } from './results';
import { prepareSigners } from './signers';
import { deployedApi, localFront } from './token-apis';
import { Missing, NO_PYTHON } from './toolchains';

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(scratch: string): Promise<void> {
  const machine = await inspect(['python']);
  const { python } = machine;
  await fetchTools(machine, say);
  const signers = prepareSigners(scratch, python);
  const emulator = python === undefined ? NO_PYTHON : await deployedApi(signers.map(({ credential }) => credential));
  try {
    const apis = { 'npm start': localFront, 'the emulator': emulator };
    const results: Result[] = [];
    for (const signer of signers) {
      // Both at once: a signer's time goes into starting its process.
      const both = await Promise.all(Object.entries(apis).map(([name, api]) => check(signer, name, api)));
      for (const { name, verdict, why } of both) say(`${name}: ${[verdict, ...why].join('\n  ')}`);
      results.push(...both);
    }
    say(summary(results));
    if (!isGreen(results, process.env)) process.exitCode = 1;
  } finally {
    if (!(emulator instanceof Missing)) await emulator.stop();
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'signers-'));
main(scratch)
  .catch((error: Error & { stderr?: string }) => {
    say([error.message, error.stderr].filter(Boolean).join('\n'));
    process.exitCode = 1;
  })
  .finally(() => rmSync(scratch, { recursive: true, force: true }));
