import { runCommand } from '../local/command-line';
import { sdk } from './vend-aws';
import { vendCommand } from './vend-command';

runCommand(() =>
  vendCommand(process.argv.slice(2), {
    aws: sdk,
    env: process.env,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    // Milliseconds: 1 s more than API Gateway's own 29 s, so that its answer arrives.
    signal: () => AbortSignal.timeout(30_000),
  }),
);
