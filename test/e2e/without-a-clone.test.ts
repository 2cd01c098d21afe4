import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { devDependencies } from '../../package.json';
import { AwsCli, environment } from '../support/aws-cli';
import { assumeNewRole } from '../support/callers';
import { assemblyOf, deploy, type Outputs } from '../support/cdk';
import { DeployedSecret } from '../support/deployed-secret';
import { ACCOUNT, REGION } from '../support/emulator';
import pack, { installPackage } from '../support/pack';
import { type Keys, signedFetch } from '../support/signed-request';
import { emulatorEndpoint } from '../support/start-emulator';
import { callersPython, ROOT } from '../support/toolbox';

const run = promisify(execFile);

const DOCS = join(ROOT, 'docs');
/** The constructs of somebodys-app.mjs, and the stack of the template folder. Each is also its prefix, in lower case. */
const CONSTRUCTS = ['Banking', 'Energy', 'Tokens'];
const STACK = 'TemplateFolder';
const ALL = [...CONSTRUCTS, STACK];

/** A folder with nothing in it but what `npm init` and `npm install` made, and then somebody's own files. */
let project: string;
/** What `npm run template` made, away from this repository: whoever gets the folder has nothing else. */
const folder = mkdtempSync(join(tmpdir(), 'template-folder-'));
let fiskil: StandIn;
let outputs: Outputs;

beforeAll(async () => {
  fiskil = await startStandIn({ pairs: [] });
  const [constructs, stack] = await Promise.all([deployConstructs(), deployTemplateFolder()]);
  outputs = { ...constructs, [`${STACK}Url`]: stack.TokenApiUrl ?? '' };
});

afterAll(async () => {
  await fiskil?.stop();
  for (const made of [project, folder]) if (made) rmSync(made, { recursive: true, force: true });
});

async function deployConstructs(): Promise<Outputs> {
  await pack();
  // The release that this repository's CDK command goes with.
  const cdk = (['aws-cdk-lib', 'constructs'] as const).map((name) => `${name}@${devDependencies[name]}`);
  project = await installPackage(cdk);
  const files = ['client.mjs', 'python/fiskil_tokens.py', 'python/list_end_users.py'];
  for (const file of files) copyFileSync(join(DOCS, 'callers', file), join(project, file.replace('python/', '')));
  copyFileSync(join(__dirname, 'somebodys-app.mjs'), join(project, 'app.mjs'));

  const at = { cwd: project, context: { tokenUrl: fiskil.url } };
  const platform = await deploy(emulatorEndpoint(), { stack: 'Platform', app: 'node app.mjs', ...at });
  const neighbour = await deploy(emulatorEndpoint(), { stack: 'Neighbour', app: assemblyOf('Platform'), cwd: project });
  return { ...platform, ...neighbour };
}

async function deployTemplateFolder(): Promise<Outputs> {
  const context = {
    'fiskil:prefix': STACK.toLowerCase(),
    'fiskil:tokenUrl': fiskil.url,
    'fiskil:credentials': '{"javascript":{},"python":{}}',
    // The emulator knows no rotation schedules and rolls back.
    'fiskil:rotation': 'false',
  };
  const flags = Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  await run('npm', ['run', '--silent', 'template', '--', ...flags, '--output', folder], { cwd: ROOT });
  expect(readdirSync(folder).sort()).toEqual(['template.json', 'vend.zip']);

  const aws = new AwsCli(emulatorEndpoint(), folder);
  await aws.shell('aws s3 mb s3://template-folder-test');
  const script = join(DOCS, 'deploy/with-the-aws-cli.sh');
  const printed = await aws.shell('FOLDER=. BUCKET=template-folder-test STACK="$2" /bin/sh "$1"', script, STACK);
  expect(printed).toContain('TokenApiUrl');
  return aws.outputs(STACK);
}

const apiId = (deployed: string) => new URL(outputs[`${deployed}Url`] ?? '').hostname.split('.')[0] ?? '';

const url = (deployed: string) => `${emulatorEndpoint()}/_aws/execute-api/${apiId(deployed)}/v1/`;

/** Pastes a pair of its own into one of the secrets. Answers its client id. */
async function configure(deployed: string, credential: string): Promise<string> {
  const [clientId, clientSecret] = [`${credential}-of-${deployed}`, `canary-secret-of-${credential}-of-${deployed}`];
  fiskil.accept({ clientId, clientSecret });
  const secret = new DeployedSecret(emulatorEndpoint(), `${deployed.toLowerCase()}/${credential}`);
  await secret.edit(JSON.stringify({ client_id: clientId, client_secret: clientSecret }));
  return clientId;
}

/** Answers the keys of a new role that may have tokens of this credential, here and nowhere else. */
function role(deployed: string, credential: string, name = credential): Promise<Keys> {
  const api = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiId(deployed)}/v1`;
  const invoke = [`${api}/GET/tokens/${credential}`, `${api}/POST/tokens/${credential}/rejections`];
  return assumeNewRole(emulatorEndpoint(), `${name}-of-${deployed}`, { invoke });
}

/** Runs a caller in the new folder, with what a workload has in its environment. Answers what it printed. */
async function call(deployed: string, credential: string, keys: Keys, command: readonly string[]): Promise<unknown> {
  const [program = '', ...args] = command;
  const env = {
    ...environment(emulatorEndpoint()),
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
    FISKIL_TOKEN_API_URL: url(deployed),
    FISKIL_CREDENTIAL: credential,
    FISKIL_ORIGIN: fiskil.origin,
  };
  const { stdout } = await run(program, args, { cwd: project, env });
  return JSON.parse(stdout);
}

const mintsOf = (clientId: string) => fiskil.mints.filter((mint) => mint.clientId === clientId);

describe.each(ALL)('%s, with nothing of this repository but what is published', (deployed) => {
  test('a caller in JavaScript gets a token of its own pair by the packed client, and another one for it', async () => {
    const clientId = await configure(deployed, 'javascript');
    const keys = await role(deployed, 'javascript');
    const client = (...args: string[]) => call(deployed, 'javascript', keys, [process.execPath, 'client.mjs', ...args]);

    const first = await client();
    const [minted] = mintsOf(clientId);
    const second = await client(minted?.token ?? '');

    expect(first).toMatchObject({ token: minted?.token, clientId, credential: 'javascript' });
    expect(mintsOf(clientId)).toHaveLength(2);
    expect(second).toMatchObject({ token: mintsOf(clientId)[1]?.token, clientId });
  });

  test('a caller in Python lists end users with the copied file, and does so when its token is refused', async () => {
    const clientId = await configure(deployed, 'python');
    const keys = await role(deployed, 'python');
    const list = () => call(deployed, 'python', keys, [callersPython(), 'list_end_users.py']);
    const listed = { end_users: [expect.objectContaining({ id: 'eu_local_1' })] };

    expect(await list()).toEqual(listed);
    const [minted] = mintsOf(clientId);
    fiskil.revoke(minted?.token ?? '');
    expect(await list()).toEqual(listed);

    expect(mintsOf(clientId)).toHaveLength(2);
  });
});

test.each(CONSTRUCTS)('a role that may call %s is refused by all others', async (deployed) => {
  const keys = await role(deployed, 'javascript', 'stranger');
  const refusals = ALL.map(async (other) => {
    const { status } = await signedFetch(`${url(other)}tokens/javascript`, { keys, region: REGION });
    return [other, status === 403];
  });

  expect(Object.fromEntries(await Promise.all(refusals))).toEqual(
    Object.fromEntries(ALL.map((other) => [other, other !== deployed])),
  );
});

test('each construct has an API name of its own, by which CloudWatch tells them apart', () => {
  expect(new Set(CONSTRUCTS.map((id) => outputs[`${id}ApiName`])).size).toBe(3);
});
