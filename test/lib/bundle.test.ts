import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { bundle } from '../../lib/bundle';
import { TokenVending } from '../../lib/token-vending';
import { WITHOUT_BUNDLING } from './synth';

/** A failed comparison of the texts themselves would take minutes to print. */
const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HANDLER = join(__dirname, '../../lambda/handler.ts');
const ROTATION = join(__dirname, '../../lambda/rotation.ts');

test.each([HANDLER, ROTATION])(
  'a function is one whole file, the same wherever the command is started: %s',
  (entry) => {
    const here = process.cwd();
    bundle(entry, join(folder, 'a/index.js'));
    process.chdir(folder);
    try {
      bundle(entry, join(folder, 'b/index.js'));
    } finally {
      process.chdir(here);
    }
    const text = readFileSync(join(folder, 'a/index.js'), 'utf8');
    expect(digest(join(folder, 'b/index.js'))).toBe(digest(join(folder, 'a/index.js')));
    expect(readdirSync(join(folder, 'a'))).toEqual(['index.js']);
    // Whatever is required at run time comes with Node.
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? '');
    expect(required.filter((name) => !isBuiltin(name))).toEqual([]);
  },
);

test.each([HANDLER, ROTATION])(
  "the credentials are the role's: no provider that reads files or asks a network: %s",
  (entry) => {
    const sources = bundle(entry, join(folder, 'c/index.js'));
    const providers = sources.flatMap((source) => source.match(/(credential-provider|token-provider)s?[\w-]*/g) ?? []);
    expect([...new Set(providers)]).toEqual(['credential-provider-env']);
  },
);

test('a synth carries the bundled functions, and one that leaves the stack out of bundling does not', () => {
  const code = (context: Record<string, unknown>, outdir: string) => {
    const app = new App({ context, outdir: join(folder, outdir) });
    new TokenVending(new Stack(app, 'Test'), 'Fiskil');
    app.synth();
    return readdirSync(join(folder, outdir)).filter((name) => name.startsWith('asset.'));
  };
  const assets = code({}, 'bundled');
  const carried = assets.map((asset) => digest(join(folder, 'bundled', asset, 'index.js')));
  const bundled = [HANDLER, ROTATION].map((entry, index) => {
    const file = join(folder, `d${index}/index.js`);
    bundle(entry, file);
    return digest(file);
  });
  expect(carried.sort()).toEqual(bundled.sort());
  expect(code({}, 'again')).toEqual(assets);
  expect(code(WITHOUT_BUNDLING, 'left-out')).toEqual([]);
});
