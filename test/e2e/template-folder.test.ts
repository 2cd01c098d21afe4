import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { AwsCli } from '../support/aws-cli';
import { Deployment } from '../support/deployment';
import { emulatorEndpoint } from '../support/start-emulator';
import { ROOT } from '../support/toolbox';

const STACK = 'TemplateFolder';
const SCRIPT = join(ROOT, 'docs/deploy/with-the-aws-cli.sh');
const PAIR = { clientId: 'client-of-default', clientSecret: 'canary-secret' };

describe('the folder of `npm run template`', () => {
  // Away from this repository: whoever gets the folder has nothing else.
  const folder = mkdtempSync(join(tmpdir(), 'template-folder-'));
  let fiskil: StandIn;

  beforeAll(async () => {
    fiskil = await startStandIn({ pairs: [PAIR] });
    const context = {
      'fiskil:prefix': STACK.toLowerCase(),
      'fiskil:tokenUrl': fiskil.url,
      // The emulator knows no rotation schedules and rolls back.
      'fiskil:rotation': 'false',
    };
    const flags = Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    execFileSync('npm', ['run', '--silent', 'template', '--', ...flags, '--output', folder], { cwd: ROOT });
  });

  afterAll(async () => {
    await fiskil?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is deployed by the AWS CLI alone, and vends', async () => {
    expect(readdirSync(folder).sort()).toEqual(['template.json', 'vend.zip']);
    const aws = new AwsCli(emulatorEndpoint(), folder);
    await aws.shell('aws s3 mb s3://template-folder-test');

    const printed = await aws.shell('FOLDER=. BUCKET=template-folder-test STACK="$2" /bin/sh "$1"', SCRIPT, STACK);

    expect(printed).toContain('TokenApiUrl');
    const deployed = Deployment.existing(STACK, await aws.outputs(STACK));
    await deployed.paste('default', PAIR);
    const { status, body } = await deployed.call(await deployed.caller('workload', 'default'), 'tokens/default');
    expect([status, body.token]).toEqual([200, fiskil.mints[0]?.token]);
  });
});
