import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFiskilFetch, createTokenProvider } from '../../client';
import { owner } from '../support/aws';
import { REGION } from '../support/emulator';
import { Scene } from '../support/scene';
import { emulatorEndpoint } from '../support/start-emulator';
import { ROOT } from '../support/toolbox';

describe('the callers of a deployed stack', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set('Callers', ['default', 'from-terminal', 'from-code']);
  });

  afterAll(() => scene?.end());

  test('the URL is in the SSM parameter that `npm run vend` looks up', async () => {
    const { Parameter } = await new SSMClient(owner(emulatorEndpoint())).send(
      new GetParameterCommand({ Name: '/callers/token-api-url' }),
    );

    expect(Parameter?.Value).toBe(scene.deployed.output('TokenApiUrl'));
    expect(Parameter?.Value).toMatch(/\/v1\/$/);
  });

  test('`npm run vend` says what to do about an empty secret, and describes the token once the pair is pasted', async () => {
    const args = ['--credential', 'from-terminal', '--min-ttl', '600', '--url', scene.deployed.url];

    const before = await vend(scene, args);
    const { clientId } = await scene.configure('from-terminal');
    const after = await vend(scene, args);

    expect(before).toMatchObject({ code: 1, stdout: '' });
    expect(before.stderr).toMatch(/credential_not_configured[\s\S]*Secrets Manager console/);
    expect(after).toMatchObject({ code: 0, stderr: '' });
    expect(after.stdout).toMatch(new RegExp(`credential: from-terminal\\nclient_id: ${clientId}\\n[^]*\\nexpires: `));
    expect(after.stdout).not.toContain(scene.mints('from-terminal')[0]?.token);
  });

  test('the client library gets a token once, and Fiskil accepts it from its fetch', async () => {
    await scene.configure('from-code');
    const provider = createTokenProvider({
      url: scene.deployed.url,
      credential: 'from-code',
      region: REGION,
      credentials: scene.keys,
    });
    const call = createFiskilFetch(provider, { origins: [scene.standIn.origin] });

    const answers = await Promise.all([1, 2, 3].map(() => call(`${scene.standIn.origin}/v1/end-users`)));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(scene.mints('from-code')).toHaveLength(1);
  });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run vend -- …` without npm, with the keys of the scene's workload in the shell. */
function vend(scene: Scene, args: readonly string[]): Promise<Ended> {
  const env = {
    PATH: process.env.PATH,
    // On Node 20 the SDK warns that later releases need a newer Node.
    NODE_NO_WARNINGS: '1',
    AWS_ENDPOINT_URL: emulatorEndpoint(),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: scene.keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: scene.keys.secretAccessKey,
    AWS_SESSION_TOKEN: scene.keys.sessionToken,
  };
  return new Promise((resolve) => {
    const command = [join(ROOT, 'node_modules/.bin/tsx'), 'bin/vend.ts', ...args];
    const child = execFile(process.execPath, command, { cwd: ROOT, env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr: stderr });
    });
  });
}
