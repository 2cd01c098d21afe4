import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { BUNDLE, bundle } from '../lib/bundle';
import { closeAll, serve } from './client/loopback';
import { installPackage, tarball } from './support/pack';

const root = resolve(__dirname, '..');
const TSC = join(root, 'node_modules', '.bin', 'tsc');
/** Of before TypeScript 7, which finds modules in one way less. It comes with arethetypeswrong. */
const OLDER_TSC = join(
  dirname(require.resolve('typescript', { paths: [require.resolve('@arethetypeswrong/core')] })),
  'tsc.js',
);
const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const run = promisify(execFile);
let project = '';

/** What a caller writes, whichever module system they are in. */
const program = `
const tokens = createTokenProvider();
const { signal } = new AbortController();
const calls = Array.from({ length: 50 }, () => tokens.getToken({ signal }));
Promise.all(calls).then(async (all) => {
  const fiskil = createFiskilFetch(tokens, { origins: [new URL(String(process.env.FISKIL_TOKEN_API_URL)).origin] });
  const response = await fiskil(process.env.FISKIL_TOKEN_API_URL + 'end-users');
  const failed = await tokens.getToken({ minTtl: -1 }).catch((error) => error);
  const { clientId } = await tokens.getTokenDetails();
  console.log(JSON.stringify([[...new Set(all)], await response.text(), failed instanceof TokenVendingError, failed.name, clientId]));
});
`;

/** The same names with types, in ways that only the right types allow. */
const typed = `
import { createFiskilFetch, createTokenProvider, type TokenProvider, TokenVendingError } from 'fiskil-token-vending/client';
const tokens: TokenProvider = createTokenProvider({ url: 'https://tokens.example.com/', credentials: async () => ({ accessKeyId: '', secretAccessKey: '' }) });
export const fiskil: typeof fetch = createFiskilFetch(tokens);
export async function use(): Promise<string> {
  try {
    const { expiresAt, expiresIn, clientId } = await tokens.getTokenDetails({ minTtl: 60, signal: AbortSignal.timeout(1) });
    return expiresAt.toISOString() + expiresIn.toFixed() + clientId + (await tokens.reject(await tokens.getToken()));
  } catch (error) {
    if (error instanceof TokenVendingError && error.code === 'rejection_too_soon') return (error.retryAfter ?? 0).toFixed();
    throw error;
  }
}
// @ts-expect-error: seconds are a number
void tokens.getToken({ minTtl: '60' });
// @ts-expect-error: no such option
createTokenProvider({ uri: '' });
`;

/** What this compiler has against a file of the project, under strict. */
async function typeErrors(tsc: string, args: string[]): Promise<string> {
  const strict = ['--strict', '--noEmit', '--target', tsc === TSC ? 'es2023' : 'es2022'];
  const { stdout } = await run(process.execPath, [tsc, ...strict, ...args], { cwd: project }).catch((error) => error);
  return stdout;
}

beforeAll(async () => {
  project = await installPackage();
  installed = (await readdir(join(project, 'node_modules'))).filter((name) => !name.startsWith('.'));
  // What a project has of its own: Node's types, and for a stack CDK.
  for (const name of ['@types', 'undici-types', 'aws-cdk-lib', 'constructs'])
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
});

afterAll(async () => {
  closeAll();
  await rm(project, { recursive: true, force: true });
});

let installed: string[];

test('publint and arethetypeswrong find nothing', async () => {
  const bin = (name: string) => join(root, 'node_modules', '.bin', name);
  const { stdout } = await run(bin('publint'), ['--strict', tarball()]);
  expect(stdout).toContain('All good!');
  // Ends with 1 if it finds anything.
  await run(bin('attw'), [tarball()]);
});

test('what is packed can be read: README, licence, changelog', async () => {
  const packed = await readdir(join(project, 'node_modules', 'fiskil-token-vending'));
  expect(packed).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md']));
});

test('whoever installs the package installs nothing else', () => {
  expect(installed).toEqual(['fiskil-token-vending']);
});

test('the licences of what is bundled lie beside each bundle, and this package has its own', async () => {
  const folder = join(project, 'node_modules', 'fiskil-token-vending');
  for (const bundled of ['client', 'functions/handler', 'functions/rotation', 'local']) {
    const text = await readFile(join(folder, bundled, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    expect(text).toMatch(/@smithy\/signature-v4 [\d.]+ \(Apache-2\.0\)/);
    expect(text).toMatch(/Copyright [\d-]+ Amazon\.com/);
  }
  expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toContain('Apache License');
});

describe('the packed client, installed in an empty project', () => {
  it.each([
    [
      'required',
      'call.cjs',
      `const { createFiskilFetch, createTokenProvider, TokenVendingError } = require('fiskil-token-vending/client');`,
    ],
    [
      'imported',
      'call.mjs',
      `import { createFiskilFetch, createTokenProvider, TokenVendingError } from 'fiskil-token-vending/client';`,
    ],
  ])(
    'is %s, gets a token for many callers at once, calls with it and ends, without a warning',
    async (_, file, imports) => {
      const origin = await serve((request, response) => {
        if (request.url?.endsWith('/end-users')) return void response.end(request.headers.authorization);
        const [expires_in, expires_at] = [900, new Date(Date.now() + 900_000).toISOString()];
        response.end(JSON.stringify({ token: 't1', expires_in, expires_at, client_id: 'c1', credential: 'default' }));
      });
      await writeFile(join(project, file), imports + program);
      const { stdout, stderr } = await run(process.execPath, [file], {
        cwd: project,
        env: {
          PATH: process.env.PATH,
          FISKIL_TOKEN_API_URL: `${origin}/v1/`,
          AWS_REGION: 'ap-southeast-2',
          AWS_ACCESS_KEY_ID: 'AKID',
          AWS_SECRET_ACCESS_KEY: 'secret',
        },
      });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual([['t1'], 'Bearer t1', true, 'TokenVendingError', 'c1']);
    },
  );

  it.each([
    ['an ES module', 'use.mts', ['--module', 'nodenext']],
    ['a CommonJS module', 'use.cts', ['--module', 'nodenext']],
    ['bundled code', 'use.ts', ['--module', 'preserve', '--moduleResolution', 'bundler']],
    [
      'a project with Node’s types and not the DOM’s',
      'use.mts',
      ['--module', 'nodenext', '--lib', 'es2023', '--types', 'node'],
    ],
  ])('type-checks under strict in %s', async (_, file, flags) => {
    await writeFile(join(project, file), typed);
    expect(await typeErrors(TSC, [...flags, file])).toBe('');
  });

  it('type-checks where modules are CommonJS and found in the classic way', async () => {
    await writeFile(join(project, 'use.ts'), typed);
    const flags = ['--module', 'commonjs', '--moduleResolution', 'node10', '--types', 'node', '--skipLibCheck'];
    expect(await typeErrors(OLDER_TSC, [...flags, 'use.ts'])).toBe('');
  });
});

describe('the packed construct, beside the oldest CDK that it takes', () => {
  it('is installed with it, and synthesises its stack', async () => {
    const { peerDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const oldest = Object.entries(peerDependencies).map(([name, range]) => `${name}@${String(range).replace('^', '')}`);
    const folder = join(project, 'oldest');
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), '{"name":"theirs","private":true}');
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--silent'];
    await run('npm', ['install', ...flags, ...oldest], { cwd: folder });
    await run('npm', ['install', ...flags, tarball()], { cwd: folder });
    await writeFile(
      join(folder, 'stack.cjs'),
      `const { App, Stack } = require('aws-cdk-lib');
       const { TokenVending } = require('fiskil-token-vending');
       const app = new App({ outdir: 'out' });
       new TokenVending(new Stack(app, 'Theirs'), 'Own');
       app.synth();`,
    );
    await run(process.execPath, ['stack.cjs'], { cwd: folder });
    const template = await readFile(join(folder, 'out', 'Theirs.template.json'), 'utf8');
    expect(template).toContain('"Runtime": "nodejs24.x"');
  });
});

describe('the packed construct, in an app of somebody else', () => {
  const app = `
import { App, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { type ITokenVending, TokenVending } from 'fiskil-token-vending';

const app = new App({ outdir: 'out' });
const stack = new Stack(app, 'Theirs');
const caller = new Role(stack, 'Caller', { assumedBy: new AccountRootPrincipal() });
const own = new TokenVending(stack, 'Own', { prefix: 'theirs' });
const another: ITokenVending = TokenVending.fromTokenVendingAttributes(stack, 'Another', { urlParameterName: '/others/token-api-url' });
for (const vending of [own, another]) vending.grantVend(caller, 'default');
app.synth();
`;

  it('type-checks under strict', async () => {
    await writeFile(join(project, 'stack.ts'), app);
    expect(await typeErrors(TSC, ['--skipLibCheck', '--module', 'nodenext', 'stack.ts'])).toBe('');
  });

  it('synthesises its stack, and bundles the very functions that this checkout does', async () => {
    await writeFile(join(project, 'stack.ts'), app);
    await run(join(root, 'node_modules', '.bin', 'tsx'), ['stack.ts'], { cwd: project });
    const out = join(project, 'out');
    const bundles = (await readdir(out)).filter((name) => name.startsWith('asset.'));
    const carried = bundles.map((name) => digest(join(out, name, BUNDLE)));
    const ours = ['handler.ts', 'rotation.ts'].map((entry) => {
      bundle(join(root, 'lambda', entry), join(project, BUNDLE));
      return digest(join(project, BUNDLE));
    });
    expect(carried.sort()).toEqual(ours.sort());
    const template = JSON.parse(await readFile(join(out, 'Theirs.template.json'), 'utf8'));
    expect(JSON.stringify(template.Resources)).toContain('theirs/default');
  });
});
