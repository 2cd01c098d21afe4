#!/usr/bin/env node
import { refuse } from '../lib/config-values';
import { runCommand } from './command-line';
import { start } from './start';

const HELP = `fiskil-token-vending start [options]

Runs the token API on this machine, without an AWS account: fiskil-token-vending start --help lists the options.
`;

/** The package's own command: those npm scripts of a checkout that also work without one. */
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
