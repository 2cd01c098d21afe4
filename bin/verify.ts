import { runCommand } from '../local/command-line';
import { sdk } from './vend-aws';
import { HELP, readVerifyOptions } from './verify/options';

runCommand(async () => {
  const options = readVerifyOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  // The ten AWS clients take a second to load. Neither `--help` nor a wrong option needs them.
  const [{ verify }, { connect }] = await Promise.all([import('./verify/command'), import('./verify/clients')]);
  const isFine = await verify(options, {
    shell: sdk,
    env: process.env,
    connect,
    clock: { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    fetch: globalThis.fetch,
    stdout: (text) => process.stdout.write(text),
  });
  if (!isFine) {
    process.exitCode = 1;
  }
});
