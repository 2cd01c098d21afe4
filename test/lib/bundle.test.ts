import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { bundle } from '../../lib/bundle';
import { TokenVending } from '../../lib/token-vending';
import { WITHOUT_BUNDLING } from './synth';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HANDLER = join(__dirname, '../../lambda/handler.ts');

test('the function is one whole file, the same for the same source wherever the command is started', () => {
  const here = process.cwd();
  bundle(HANDLER, join(folder, 'a/index.js'));
  process.chdir(folder);
  try {
    bundle(HANDLER, join(folder, 'b/index.js'));
  } finally {
    process.chdir(here);
  }
  const text = readFileSync(join(folder, 'a/index.js'), 'utf8');
  expect(readFileSync(join(folder, 'b/index.js'), 'utf8')).toBe(text);
  expect(readdirSync(join(folder, 'a'))).toEqual(['index.js']);
  // Whatever is required at run time comes with Node.
  const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? '');
  expect(required.filter((name) => !isBuiltin(name))).toEqual([]);
});

test("the function's credentials are its role's: no provider that reads files, runs processes or asks a network", () => {
  const sources = bundle(HANDLER, join(folder, 'c/index.js'));
  const providers = sources.flatMap((source) => source.match(/(credential-provider|token-provider)s?[\w-]*/g) ?? []);
  expect([...new Set(providers)]).toEqual(['credential-provider-env']);
});

test('a synth carries the bundled function, and one that leaves the stack out of bundling does not', () => {
  const code = (context: Record<string, unknown>, outdir: string) => {
    const app = new App({ context, outdir: join(folder, outdir) });
    new TokenVending(new Stack(app, 'Test'), 'Fiskil');
    app.synth();
    return readdirSync(join(folder, outdir)).filter((name) => name.startsWith('asset.'));
  };
  const [asset, ...others] = code({}, 'bundled');
  expect(others).toEqual([]);
  expect(readFileSync(join(folder, 'bundled', asset ?? '', 'index.js'), 'utf8')).toBe(
    readFileSync(join(folder, 'a/index.js'), 'utf8'),
  );
  expect(code({}, 'again')).toEqual([asset]);
  expect(code(WITHOUT_BUNDLING, 'left-out')).toEqual([]);
});
