import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CallerFunction } from '../support/caller-function';
import { deploy } from '../support/cdk';
import { ACCOUNT, REGION } from '../support/emulator';
import { type FiskilByName, nameFiskil } from '../support/fiskil-by-name';
import { Scene } from '../support/scene';
import { emulatorEndpoint } from '../support/start-emulator';
import { usersProject } from '../support/users-project';

let scene: Scene;

beforeAll(async () => {
  // Its prefix is `fiskil`, the default: what the other stack looks for.
  scene = await Scene.set('Fiskil', ['default', 'sandbox-energy']);
  await scene.deployed.function.stopTicking();
  await scene.configure('default');
  await scene.configure('sandbox-energy');
});

afterAll(() => scene?.end());

describe('a Lambda in a stack of its own, docs/callers/lambda', () => {
  let fiskil: FiskilByName;
  let listEndUsers: CallerFunction;

  beforeAll(async () => {
    fiskil = await nameFiskil(scene.standIn.origin);
    const app = join(usersProject('docs/callers/lambda'), 'app.ts');
    await deploy(emulatorEndpoint(), { stack: 'EndUsers', app: `npx tsx ${app}` });
    listEndUsers = await CallerFunction.of(emulatorEndpoint(), 'EndUsers');
    await restart();
  });

  afterAll(() => fiskil?.stop());

  /** Restarts the function in an environment in which the stand-in's host names resolve. */
  const restart = () => listEndUsers.restart({ ...fiskil.environment, FISKIL_TOKEN_API_URL: scene.deployed.url });

  const audits = async () =>
    (await scene.deployed.function.logLines())
      .filter((line) => line.includes('"message":"audit"'))
      .map((line) => JSON.parse(line))
      .filter((audit) => audit.caller_role === listEndUsers.roleArn);

  test('is told where to ask and for what, and may send two requests there', async () => {
    const url = scene.deployed.output('TokenApiUrl');
    const id = new URL(url).hostname.split('.')[0];
    const api = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${id}`;

    expect(listEndUsers.variables).toEqual({ FISKIL_TOKEN_API_URL: url, FISKIL_CREDENTIAL: 'default' });
    expect(await listEndUsers.statements()).toEqual([
      {
        Effect: 'Allow',
        Action: 'execute-api:Invoke',
        Resource: [`${api}/v1/GET/tokens/default`, `${api}/v1/POST/tokens/default/rejections`],
      },
    ]);
    expect(await listEndUsers.managedPolicies()).toEqual(['AWSLambdaBasicExecutionRole']);
  });

  test('lists end users, and sees nothing of it when its token is revoked half way', async () => {
    const list = { failed: false, answer: { end_users: [expect.objectContaining({ id: 'eu_local_1' })] } };

    expect(await listEndUsers.invoke()).toEqual(list);
    const [first] = scene.mints('default');
    expect(await listEndUsers.invoke()).toEqual(list);
    expect(scene.mints('default')).toHaveLength(1);

    scene.standIn.revoke(first?.token ?? '');
    expect(await listEndUsers.invoke()).toEqual(list);
    expect(await listEndUsers.invoke()).toEqual(list);

    expect(scene.mints('default')).toHaveLength(2);
    expect((await audits()).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['vend', 'vended'],
      ['reject', 'vended'],
    ]);
  });

  test('gets no token without the grant, and its error says which permission is missing', async () => {
    const before = await scene.deployed.function.invocations();
    await listEndUsers.deleteStatements();
    await restart();

    const { failed, answer } = await listEndUsers.invoke();

    expect(failed).toBe(true);
    expect(answer).toMatchObject({
      errorMessage: expect.stringMatching(
        /^access_denied: .* needs execute-api:Invoke on arn:.*\/GET\/tokens\/default,/,
      ),
    });
    expect(await scene.deployed.function.invocations()).toBe(before);
  });
});

describe('a role that CDK does not know', () => {
  test.each([
    ['VendPolicyArnDefault', 'default', 'sandbox-energy'],
    ['VendPolicyArnSandboxEnergy', 'sandbox-energy', 'default'],
  ])('with the policy of the output %s gets tokens of %s, and none of %s', async (output, credential, other) => {
    const keys = await scene.deployed.role(output, { policyArns: [scene.deployed.output(output)] });
    const body = JSON.stringify({ token_sha256: createHash('sha256').update('an older token').digest('hex') });
    const rejection = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const before = await scene.deployed.function.invocations();

    const answers = [
      await scene.deployed.call(keys, `tokens/${credential}`),
      await scene.deployed.call(keys, `tokens/${credential}/rejections`, rejection),
      await scene.deployed.call(keys, `tokens/${other}`),
      await scene.deployed.call(keys, `tokens/${other}/rejections`, rejection),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 403]);
    expect(answers[0]?.body).toMatchObject({ credential, client_id: `client-of-${credential}` });
    expect(answers[1]?.body.token).toBe(answers[0]?.body.token);
    expect(await scene.deployed.function.invocations()).toBe(before + 2);
  });
});
