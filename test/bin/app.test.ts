import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const ROOT = join(__dirname, '../..');
const out = mkdtempSync(join(tmpdir(), 'synth-'));
afterAll(() => rmSync(out, { recursive: true }));

/** `cdk synth` as a person runs it, kept off the network: without credentials it asks nobody. */
function synth(...args: string[]) {
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
      },
    },
  );
}

test('cdk synth takes the configuration from the command line and writes the stack under its configured name', () => {
  const { status, stderr } = synth(
    '-c',
    'fiskil:stackName=Acme',
    '-c',
    'fiskil:credentials={"default":{},"sandbox":{}}',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/warning|error/i) });
  const template = JSON.parse(readFileSync(join(out, 'Acme.template.json'), 'utf8'));
  expect(template.Outputs.SecretNameSandbox.Value).toBe('fiskil/sandbox');
});

test('a configuration error is one sentence and a failure, without a stack trace', () => {
  const { status, stdout, stderr } = synth('-c', 'fiskil:throttel={"rate":1,"burst":1}');
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toEqual([
    'fiskil:throttel is not a key of this app: did you mean fiskil:throttle?',
    // The CDK CLI's own line.
    expect.stringContaining('Subprocess exited with error 1'),
  ]);
});
