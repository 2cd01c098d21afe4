import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { owner } from '../support/aws';
import { AwsCli } from '../support/aws-cli';
import { deploy } from '../support/cdk';
import { type Answer, Deployment } from '../support/deployment';
import type { Keys } from '../support/signed-request';
import { emulatorEndpoint } from '../support/start-emulator';
import { ROOT } from '../support/toolbox';

/** Of the folder, which `npm run template:previous` writes: the URL stands for that of the test's own Fiskil. */
const [STACK, PREFIX, TOKEN_URL] = ['Upgrade', 'upgrade', 'http://127.0.0.1:9/v1/token'];
const PAIR = { clientId: 'client-of-default', clientSecret: 'canary-secret' };

describe('this release over the one before it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'previous-release-'));
  let fiskil: StandIn;
  let before: Deployment;
  let keys: Keys;

  beforeAll(async () => {
    fiskil = await startStandIn({ pairs: [PAIR] });
    cpSync(join(ROOT, 'test/e2e/previous-release'), folder, { recursive: true });
    const template = join(folder, 'template.json');
    writeFileSync(template, readFileSync(template, 'utf8').replace(TOKEN_URL, fiskil.url));
    const aws = new AwsCli(emulatorEndpoint(), folder);
    await aws.shell('aws s3 mb s3://previous-release');
    const script = join(ROOT, 'docs/deploy/with-the-aws-cli.sh');
    await aws.shell('FOLDER=. BUCKET=previous-release STACK="$2" /bin/sh "$1"', script, STACK);
    before = Deployment.existing(STACK, await aws.outputs(STACK));
    await before.paste('default', PAIR);
    keys = await before.caller('workload', 'default');
  });

  afterAll(async () => {
    await fiskil?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('keeps the pasted pair and the live token, and no call fails meanwhile', async () => {
    const secret = async () => {
      const of = { SecretId: `${PREFIX}/default` };
      const secrets = new SecretsManagerClient(owner(emulatorEndpoint()));
      const { SecretString, VersionId } = await secrets.send(new GetSecretValueCommand(of));
      return { SecretString, VersionId, arn: (await secrets.send(new DescribeSecretCommand(of))).ARN };
    };
    const vend = () => before.call(keys, 'tokens/default');
    const { body: vended } = await vend();
    const pasted = await secret();

    let deployed = false;
    const upgrade = deploy(emulatorEndpoint(), {
      stack: STACK,
      context: {
        'fiskil:stackName': STACK,
        'fiskil:prefix': PREFIX,
        'fiskil:tokenUrl': fiskil.url,
        'fiskil:rotation': 'false',
      },
    }).finally(() => {
      deployed = true;
    });
    const answers: Answer[] = [];
    while (!deployed) {
      answers.push(await vend());
      // Well below the API's throttle, which a fast machine would meet.
      await pause(50);
    }
    const outputs = await upgrade;
    answers.push(await vend());

    expect(answers.length).toBeGreaterThan(10);
    expect(answers.filter(({ status, body }) => status !== 200 || body.token !== vended.token)).toEqual([]);
    expect(await secret()).toEqual(pasted);
    // Callers read these when they are deployed, and keep them.
    expect(outputs).toMatchObject(before.outputs);
    expect(fiskil.mints.map(({ token }) => token)).toEqual([vended.token]);
  });
});
