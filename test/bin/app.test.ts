import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const ROOT = join(__dirname, '../..');
const out = mkdtempSync(join(tmpdir(), 'synth-'));
afterAll(() => rmSync(out, { recursive: true }));

/** Runs `cdk synth` as a person does, but without the network: without credentials, CDK makes no calls. */
function synth(args: string[] = [], isValidated = false) {
  const { PATH = '', HOME = '' } = process.env;
  return spawnSync(
    join(ROOT, 'node_modules/.bin/cdk'),
    ['synth', '--quiet', '--no-notices', '--output', out, ...args],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: {
        PATH,
        HOME,
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        CDK_VALIDATION: String(isValidated),
      },
    },
  );
}

test('cdk synth takes the configuration from the command line, writes the stack under its configured name, and reports no warning', () => {
  const context = ['fiskil:stackName=Acme', 'fiskil:credentials={"default":{},"sandbox":{}}'];
  const { status, stderr } = synth(
    context.flatMap((each) => ['-c', each]),
    true,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/warning|error/i) });
  const template = JSON.parse(readFileSync(join(out, 'Acme.template.json'), 'utf8'));
  expect(template.Outputs.SecretNameSandbox.Value).toBe('fiskil/sandbox');
});

test('a configuration error fails with one sentence and no stack trace', () => {
  const { status, stdout, stderr } = synth(['-c', 'fiskil:throttel={"rate":1,"burst":1}']);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/^fiskil:throttel is not a key of this app/),
    // The CDK CLI adds this line.
    expect.stringContaining('Subprocess exited with error 1'),
  ]);
});

test('an error that only the stack can find is one sentence too', () => {
  const callers = Array.from({ length: 60 }, (_, i) => ({
    principal: String(111111111111 + i),
    credentials: ['default'],
  }));
  const { status, stderr } = synth(['-c', `fiskil:callers=${JSON.stringify(callers)}`]);
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/^fiskil:callers, .* make an API policy of \d+ characters, but API Gateway accepts 8192\./),
    expect.stringContaining('Subprocess exited with error 1'),
  ]);
});

test('names the account and the region, or says that CDK does not know them', () => {
  expect(synth().stderr).toContain('CDK found no AWS credentials');
  const told = spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      CDK_VALIDATION: 'false',
      CDK_OUTDIR: out,
      CDK_DEFAULT_ACCOUNT: '111122223333',
      CDK_DEFAULT_REGION: 'us-east-1',
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [] }),
    },
  });
  expect(told.status).toBe(0);
  const written = readdirSync(out)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(out, name), 'utf8'))
    .join();
  expect(written).toContain('This is for the account 111122223333 and the region us-east-1.');
  expect(written).toContain('set AWS_REGION=ap-southeast-2');
});
