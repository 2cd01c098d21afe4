import { expect, test } from '@jest/globals';
import { eachInItsOwnWorld } from './own-world';
import type { RuntimeWorld } from './runtime-world';

let world: RuntimeWorld;
eachInItsOwnWorld((opened) => {
  world = opened;
});

test.each([
  ['AWS_LAMBDA_LOG_LEVEL', 'WARN'],
  ['AWS_LAMBDA_LOG_LEVEL', 'FATAL'],
  ['POWERTOOLS_LOG_LEVEL', 'SILENT'],
  ['LOG_LEVEL', 'ERROR'],
  ['POWERTOOLS_DEV', 'true'],
  ['POWERTOOLS_METRICS_DISABLED', 'true'],
])('a vend leaves its audit line and its metrics whatever %s says (%s)', async (name, value) => {
  const environment = await world.environmentWith({ [name]: value });
  expect((await world.vend(environment)).status).toBe(200);
  const lines = environment.lastOutput.split('\n').filter((line) => line.startsWith('{'));
  const messages = lines.map((line) => JSON.parse(line));
  expect(messages).toContainEqual(expect.objectContaining({ message: 'audit', level: 'INFO', outcome: 'vended' }));
  expect(messages).toContainEqual(expect.objectContaining({ message: 'minted' }));
  expect(messages.some((line) => '_aws' in line)).toBe(true);
});
