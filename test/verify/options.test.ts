import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { HELP, readVerifyOptions } from '../../bin/verify/options';

test('without arguments, it checks the stack that npm run deploy makes', () => {
  expect(readVerifyOptions([])).toEqual({
    help: false,
    stack: 'FiskilTokenVending',
    credential: 'default',
    json: false,
    probeFiskil: false,
    rotationDryRun: false,
  });
});

test('every option is read', () => {
  const role = 'arn:aws:iam::111122223333:role/team/nightly-sync';
  const args = ['--stack', 'S', '--region', 'eu-west-1', '--url', 'https://a.example/v1/', '--credential', 'energy'];
  expect(
    readVerifyOptions([...args, '--json', '--as-role', role, '--probe-fiskil', '--rotation-dry-run', '--help']),
  ).toEqual({
    help: true,
    stack: 'S',
    region: 'eu-west-1',
    credential: 'energy',
    url: 'https://a.example/v1/',
    json: true,
    asRole: role,
    probeFiskil: true,
    rotationDryRun: true,
  });
});

test.each([
  [['--nope'], "Unknown option '--nope': npm run verify -- --help shows the options."],
  [['canary'], /^This command accepts only options: npm run verify -- --help lists them\.$/],
  [['--stack', '-canary'], /npm run verify -- --help/],
  [['--stack', 'a stack'], /^--stack must be the name of a CloudFormation stack\.$/],
  [['--region', 'sydney'], /^--region must be an AWS region such as ap-southeast-2\.$/],
  [['--credential', 'Default'], /^--credential must be the name of a credential/],
  [['--as-role', 'nightly-sync'], /^--as-role must be the ARN of an IAM role such as /],
])('%j is refused in a sentence', (args, sentence) => {
  expect(() => readVerifyOptions(args)).toThrow(sentence);
});

test('--help names every option, and needs no credentials', () => {
  const { stdout, status } = run('--help');

  expect([status, stdout]).toEqual([0, HELP]);
  const named = [...HELP.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name);
  expect(named).toEqual([
    ...['stack', 'region', 'credential', 'url', 'json', 'as-role', 'probe-fiskil', 'rotation-dry-run', 'help'],
  ]);
});

test('an unknown option gives one sentence on stderr and nothing on stdout', () => {
  expect(run('--json', '--nope')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: "Unknown option '--nope': npm run verify -- --help shows the options.\n",
  });
});

function run(...args: string[]) {
  const root = join(__dirname, '..', '..');
  const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_NO_WARNINGS: '1' };
  return spawnSync(process.execPath, [tsx, 'bin/verify.ts', ...args], { cwd: root, env, encoding: 'utf8' });
}
