import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { owner } from '../support/aws';
import { deploy, destroy } from '../support/cdk';
import { Scene } from '../support/scene';
import { emulatorEndpoint } from '../support/start-emulator';

const STACK = 'Redeploy';
const secrets = () => new SecretsManagerClient(owner(emulatorEndpoint()));

describe('deploying the next release', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set(STACK, ['default']);
  });

  // The function is destroyed by then, so stop only the stand-in.
  afterAll(() => scene?.standIn.stop());

  test('a changed description reaches the secret and leaves the pasted pair, the API and the token alone', async () => {
    const pair = await scene.configure('default');
    const SecretId = scene.deployed.output('SecretNameDefault');
    const before = await secrets().send(new GetSecretValueCommand({ SecretId }));
    const { body: vended } = await scene.get('default');

    const outputs = await deploy(emulatorEndpoint(), {
      stack: STACK,
      context: scene.deployed.context,
      app: 'npx tsx test/e2e/next-release.ts',
    });

    const description = (await secrets().send(new DescribeSecretCommand({ SecretId }))).Description;
    expect(description).toBe('Described by the next release.');
    const after = await secrets().send(new GetSecretValueCommand({ SecretId }));
    expect(JSON.parse(after.SecretString ?? '')).toEqual({
      client_id: pair.clientId,
      client_secret: pair.clientSecret,
    });
    expect(after.VersionId).toBe(before.VersionId);
    expect(outputs).toEqual(scene.deployed.outputs);
    expect((await scene.get('default')).body.token).toBe(vended.token);
  });

  test('after a destroy the pair is still there, and a deploy that names its secret vends with it', async () => {
    const { ARN } = await secrets().send(new DescribeSecretCommand({ SecretId: 'redeploy/default' }));
    await destroy(emulatorEndpoint(), STACK);

    const again = await scene.deployed.adopting({ default: ARN ?? '' });

    const keys = await again.caller('workload-after', 'default');
    const { status, body } = await again.call(keys, 'tokens/default');
    expect([status, body.client_id]).toEqual([200, 'client-of-default']);
    expect(again.output('TokenApiUrl')).not.toBe(scene.deployed.output('TokenApiUrl'));
  });
});
