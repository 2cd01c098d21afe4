/** @jest-environment ./test/support/one-realm.ts */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sdk } from '../../bin/vend-aws';
import { freePort } from '../support/processes';

const CREDENTIALS = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'canary-secret' };
const NAME = '/fiskil/token-api-url';

let folder: string;
let server: Server;
let answer: { status: number; body: object };
let before: NodeJS.ProcessEnv;
beforeEach(async () => {
  before = { ...process.env };
  folder = await mkdtemp(join(tmpdir(), 'vend-aws-'));
  server = createServer((_request, response) => {
    response
      .writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const name of Object.keys(process.env).filter((n) => n.startsWith('AWS_'))) delete process.env[name];
  Object.assign(process.env, {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
});
afterEach(async () => {
  process.env = before;
  server.closeAllConnections();
  await Promise.all([new Promise((resolve) => server.close(resolve)), rm(folder, { recursive: true })]);
});

test('the URL is the value of the parameter', async () => {
  answer = { status: 200, body: { Parameter: { Name: NAME, Value: 'https://a.example/v1/' } } };
  expect(await sdk.parameter(NAME, 'eu-west-1', CREDENTIALS)).toBe('https://a.example/v1/');
});

test('if AWS cannot be reached, the message has the name of the failure', async () => {
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${await freePort()}`;
  await expect(sdk.parameter(NAME, 'eu-west-1', CREDENTIALS)).rejects.toThrow(/could not be read \(ECONNREFUSED\)/);
});

test.each([
  [
    'ParameterNotFound',
    /^There is no SSM parameter \/PREFIX\/token-api-url .* in the region of this shell: .*AWS_REGION.*deploy.*--prefix/,
  ],
  ['AccessDeniedException', /may not read .*ssm:GetParameter/],
  ['UnrecognizedClientException', /^AWS refuses these credentials in the region of this shell/],
  ['ExpiredTokenException', /^AWS refuses these credentials in the region of this shell/],
  ['ValidationException', /could not be read \(ValidationException\)/],
])('%s says what to do', async (type, sentence) => {
  answer = { status: 400, body: { __type: type, message: 'canary' } };
  const read = sdk.parameter('/canary/token-api-url', 'canary-region', CREDENTIALS);
  await expect(read).rejects.toThrow(sentence);
  await expect(read).rejects.not.toThrow(/canary/);
});

describe('the credentials of the shell', () => {
  test('are those of the environment', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' });
    expect(await sdk.credentials()).toMatchObject({ accessKeyId: 'AKIDENV', sessionToken: 't' });
    expect(await sdk.profileRegion()).toBeUndefined();
  });

  test('are those of the profile, and the region too', async () => {
    await writeFile(join(folder, 'config'), '[profile dev]\nregion = eu-west-1\n');
    await writeFile(join(folder, 'credentials'), '[dev]\naws_access_key_id = AKIDDEV\naws_secret_access_key = s\n');
    process.env.AWS_PROFILE = 'dev';
    expect(await sdk.credentials()).toMatchObject({ accessKeyId: 'AKIDDEV' });
    expect(await sdk.profileRegion()).toBe('eu-west-1');
  });

  test.each([
    ['nothing is there', '', /no usable AWS credentials/],
    [
      'nobody has signed in to the SSO session',
      '[default]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = r\n',
      /^no_credentials: the SSO session of this shell has expired, or nobody has signed in\.$/,
    ],
    [
      'a credential process prints nonsense',
      '[default]\ncredential_process = echo canary-secret\n',
      /no usable AWS credentials/,
    ],
  ])('give a message of our own when %s', async (_what, config, sentence) => {
    await writeFile(join(folder, 'config'), config);
    process.env.HOME = folder;
    const credentials = sdk.credentials();
    await expect(credentials).rejects.toThrow(sentence);
    await expect(credentials).rejects.not.toThrow(/canary/);
  });
});
