import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { installPackage } from '../support/pack';
import { closeAll, serve } from './loopback';

const root = resolve(__dirname, '../..');
const run = promisify(execFile);
let project = '';

/** What the built client does to its process. */
beforeAll(async () => {
  project = await installPackage();
  await mkdir(join(project, 'node_modules', '@mswjs'), { recursive: true });
  await symlink(join(root, 'node_modules/@mswjs/interceptors'), join(project, 'node_modules/@mswjs/interceptors'));
});
afterEach(closeAll);
afterAll(() => rm(project, { recursive: true, force: true }));

const MODULES = [
  ['required', 'cjs', (names: string, from: string) => `const { ${names} } = require('${from}');`],
  ['imported', 'mjs', (names: string, from: string) => `import { ${names} } from '${from}';`],
] as const;

/** Runs a program with the client, for a minute at most. Returns what it wrote. */
async function script(extension: string, text: string, url: string) {
  const file = join(project, `script.${extension}`);
  await writeFile(file, text);
  const env = {
    PATH: process.env.PATH,
    FISKIL_TOKEN_API_URL: url,
    AWS_REGION: 'ap-southeast-2',
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  return run(process.execPath, [file], { cwd: project, env, timeout: 60_000 }).then(
    ({ stdout, stderr }) => ({ stdout, stderr, killed: false }),
    ({ stdout, stderr, killed }) => ({ stdout, stderr, killed: killed as boolean }),
  );
}

const vend = (token: string) =>
  JSON.stringify({
    token,
    expires_in: 900,
    expires_at: new Date(Date.now() + 900_000).toISOString(),
    client_id: 'c1',
    credential: 'default',
  });

describe.each(MODULES)('a program that %s the client', (_, extension, load) => {
  const client = load('createTokenProvider', 'fiskil-token-vending/client');

  it('ends after its work, although a refresh is running in the background', async () => {
    let asked = 0;
    const answer: RequestListener = (_request, response) => {
      if (asked++ === 0) response.end(vend('t1'));
    };
    const text = `${client}
      const tokens = createTokenProvider();
      (async () => {
        await tokens.getToken();
        const { now } = Date;
        Date.now = () => now() + 700_000;
        console.log(await tokens.getToken());
        // By then the refresh has begun, even on a slow machine.
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      })();`;
    const result = await script(extension, text, `${await serve(answer)}/v1/`);
    expect(result).toEqual({ stdout: 't1\n', stderr: '', killed: false });
    expect(asked).toBe(2);
  });

  it('does not end before its call has, during a request and during a pause', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      if (asked++ === 0) return void response.writeHead(503, { 'retry-after': '1' }).end('{"code":"token_pending"}');
      setTimeout(() => response.end(vend('t1')), 300);
    });
    const text = `${client} createTokenProvider().getToken().then(console.log);`;
    expect(await script(extension, text, `${url}/v1/`)).toEqual({ stdout: 't1\n', stderr: '', killed: false });
  });

  it('loads none of Node’s slow modules, so that a cold caller need not wait: no undici, no WebCrypto, no perf_hooks', async () => {
    const url = await serve((_request, response) => void response.end(vend('t1')));
    const slow = '/^NativeModule (internal\\/deps\\/undici\\/undici|internal\\/crypto\\/webcrypto|perf_hooks)$/';
    const text = `${client} createTokenProvider().getToken().then((token) =>
      console.log(token, process.moduleLoadList.filter((name) => ${slow}.test(name))));`;
    expect(await script(extension, text, `${url}/v1/`)).toEqual({ stdout: 't1 []\n', stderr: '', killed: false });
  });

  it('and does not catch its error shows a few readable lines', async () => {
    const url = await serve((_request, response) => void response.writeHead(404).end());
    const { stderr } = await script(extension, `${client} createTokenProvider().getToken();`, `${url}/v1/`);
    expect(stderr).toContain('TokenVendingError: invalid_answer:');
    expect(stderr.length).toBeLessThan(3_000);
    expect(
      Math.max(
        ...String(stderr)
          .split('\n')
          .map((line: string) => line.length),
      ),
    ).toBeLessThan(250);
  });

  it('works with mocking tools that intercept calls', async () => {
    const text = `${load('ClientRequestInterceptor', '@mswjs/interceptors/ClientRequest')}
      ${client}
      const interceptor = new ClientRequestInterceptor();
      interceptor.apply();
      interceptor.on('request', ({ controller }) => controller.respondWith(new Response(${JSON.stringify(vend('mocked'))})));
      createTokenProvider().getToken().then(console.log);`;
    const result = await script(extension, text, 'https://abc.execute-api.ap-southeast-2.amazonaws.com/v1/');
    expect(result).toEqual({ stdout: 'mocked\n', stderr: '', killed: false });
  });
});
