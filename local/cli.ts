#!/usr/bin/env node
import { refuse } from '../lib/config-values';
import { runCommand } from './command-line';
import { start } from './start';

const HELP = `fiskil-token-vending start [options]

Runs the token API on this machine, without an AWS account: fiskil-token-vending start --help lists the options.
`;

/** The package's own command. It has the npm scripts that also work without a checkout. */
const [command, ...args] = process.argv.slice(2);
if (command === 'start') {
  start('npx fiskil-token-vending start', args);
} else {
  runCommand(async () => {
    if (command !== undefined && command !== '--help') {
      refuse('The only command is start: fiskil-token-vending --help says more.');
    }
    process.stdout.write(HELP);
  });
}
