import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from '@jest/globals';
import { installPackage } from '../support/pack';
import { until } from '../support/until';

const execute = promisify(execFile);
const KEEP = { PATH: process.env.PATH ?? '' };

let project: string;
beforeAll(async () => {
  project = await installPackage();
});
afterAll(() => rm(project, { recursive: true, force: true }));

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGTERM');
  child = undefined;
});

/** Starts the command, and answers the variables that it tells a program to have. */
async function start(...options: string[]): Promise<Record<string, string>> {
  child = spawn('npx', ['fiskil-token-vending', 'start', ...options], { cwd: project, env: KEEP });
  let told = '';
  child.stderr?.on('data', (text) => {
    told += text;
  });
  for await (const text of child.stdout ?? []) {
    told += text;
    const lines = told.matchAll(/^export (.*)$/gm);
    const pairs = [...lines]
      .flatMap(([, line = '']) => line.split(' '))
      .map((pair) => pair.split('=') as [string, string]);
    if (told.includes('export FISKIL_ORIGIN=')) return Object.fromEntries(pairs);
  }
  throw new Error(`It ended: ${told}`);
}

const control = async (origin = '', method = 'GET', body?: object) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${origin}/_control`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return (await answer.json()) as Record<string, unknown>;
};

/** What a developer's program does, with nothing but the package and the variables. */
async function call(env: Record<string, string>): Promise<unknown> {
  const program = `
    import { createFiskilFetch, createTokenProvider } from 'fiskil-token-vending/client';
    const tokens = createTokenProvider();
    const fiskil = createFiskilFetch(tokens, { origins: [process.env.FISKIL_ORIGIN] });
    try {
      const answer = await fiskil(process.env.FISKIL_ORIGIN + '/v1/end-users', { signal: AbortSignal.timeout(20_000) });
      console.log(JSON.stringify({ status: answer.status, body: await answer.json() }));
    } catch ({ code, status }) {
      console.log(JSON.stringify({ code, status }));
    }
  `;
  await writeFile(join(project, 'call.mjs'), program);
  const { stdout } = await execute(process.execPath, ['call.mjs'], { cwd: project, env: { ...KEEP, ...env } });
  return JSON.parse(stdout);
}

describe('npx fiskil-token-vending start, from the tarball alone', () => {
  test('gives a program a token that its Fiskil takes, and describes its API', async () => {
    const env = await start('--port', '0');
    expect(await call(env)).toEqual({ status: 200, body: { end_users: [expect.anything()] } });
    expect(await control(env.FISKIL_ORIGIN)).toMatchObject({ tokens_issued: 1 });
    const description = await fetch(new URL('/openapi.yaml', env.FISKIL_TOKEN_API_URL));
    expect(await description.text()).toMatch(/^openapi: 3/);
  });

  test('fails as its options say, and as its control does', async () => {
    const env = await start('--port', '0', '--fail', '401');
    expect(await call(env)).toEqual({ code: 'credentials_rejected', status: 502 });
    await control(env.FISKIL_ORIGIN, 'DELETE');
    // A refused pair is asked again after a minute, or when the secret changes: here it never does.
    expect(await control(env.FISKIL_ORIGIN)).toMatchObject({ fail: null });
  });

  test('replaces a token that was revoked, once the program says so', async () => {
    const env = await start('--port', '0');
    await call(env);
    await control(env.FISKIL_ORIGIN, 'POST', { revoke: 'now' });
    expect(await call(env)).toMatchObject({ status: 200 });
    expect(await control(env.FISKIL_ORIGIN)).toMatchObject({ tokens_issued: 2 });
  });

  test('ends at SIGTERM, which npx keeps to itself', async () => {
    const env = await start('--port', '0');
    child?.kill('SIGTERM');
    await until('its end', 20_000, () =>
      control(env.FISKIL_ORIGIN).then(
        () => undefined,
        () => true,
      ),
    );
  });

  test.each([
    [['start', '--help'], 0, /^npx fiskil-token-vending start \[options\]\n(.*\n)* {2}--fail STATUS/],
    [[], 0, /^fiskil-token-vending start \[options\]/],
    [['canary-secret'], 1, /^The only command is start: /],
    [
      ['start', 'canary-secret'],
      1,
      /^This command accepts only options: npx fiskil-token-vending start --help lists them\.$/m,
    ],
  ])('answers %j with code %d and a text', async (args, code, text) => {
    child = spawn('npx', ['fiskil-token-vending', ...args], { cwd: project, env: KEEP });
    let told = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        told += chunk;
      });
    const [ended] = await once(child, 'close');
    expect([ended, told]).toEqual([code, expect.stringMatching(text)]);
    expect(told).not.toContain('canary-secret');
  });
});

describe('the packed test kit', () => {
  const names = 'createTestTokenProvider';
  it.each([
    [
      'required',
      'kit.cjs',
      `const { ${names} } = require('fiskil-token-vending/testing'); const { TokenVendingError } = require('fiskil-token-vending/client');`,
    ],
    [
      'imported',
      'kit.mjs',
      `import { ${names} } from 'fiskil-token-vending/testing'; import { TokenVendingError } from 'fiskil-token-vending/client';`,
    ],
  ])("is %s, and throws the client's own error", async (_how, file, imports) => {
    const use = `
      const tokens = createTestTokenProvider();
      tokens.fail('upstream_unavailable');
      tokens.getToken().catch((error) => console.log(error instanceof TokenVendingError, error.code));
    `;
    await writeFile(join(project, file), imports + use);
    const { stdout, stderr } = await execute(process.execPath, [file], { cwd: project, env: KEEP });
    expect([stdout, stderr]).toEqual(['true upstream_unavailable\n', '']);
  });
});
