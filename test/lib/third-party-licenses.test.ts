import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { thirdPartyLicenses } from '../../lib/third-party-licenses';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'licenses-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function installed(name: string, license: string, files: Record<string, string>): void {
  const folder = join(root, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, version: '1.2.3', license, main: 'index.js', sideEffects: false }),
  );
  writeFileSync(join(folder, 'index.js'), `export const name = ${JSON.stringify(name)};`);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

/** The licences that go with a bundle of this source. */
function licenses(source: string): string {
  writeFileSync(join(root, 'entry.js'), source);
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: ['entry.js'],
    bundle: true,
    format: 'esm',
    metafile: true,
    outfile: 'out.js',
  });
  return thirdPartyLicenses(metafile, root);
}

test('each bundled package is named with its version, above its licence and its notice', () => {
  installed('@scope/one', 'MIT', { 'LICENSE.txt': 'Copyright (c) 2020 One' });
  installed('two', 'Apache-2.0', { LICENSE: 'Apache, Copyright Two', NOTICE: 'Two was made by two.' });
  const text = licenses(`export { name } from '@scope/one'; export { name as two } from 'two';`);
  expect(text).toMatch(/@scope\/one 1\.2\.3 \(MIT\)\n-+\nCopyright \(c\) 2020 One\n/);
  expect(text).toMatch(/two 1\.2\.3 \(Apache-2\.0\)\n-+\nApache, Copyright Two\n\nTwo was made by two\.\n/);
});

test('a text that several packages have stands once', () => {
  for (const name of ['a', 'b']) installed(name, 'MIT', { LICENSE: 'Copyright (c) Both' });
  const text = licenses(`export { name } from 'a'; export { name as b } from 'b';`);
  expect(text).toMatch(/a 1\.2\.3 \(MIT\)\nb 1\.2\.3 \(MIT\)\n-+\nCopyright/);
  expect(text.match(/Copyright/g)).toHaveLength(1);
});

test('a package that esbuild left out is not named', () => {
  installed('used', 'MIT', { LICENSE: 'Copyright (c) Used' });
  installed('unused', 'MIT', { LICENSE: 'Copyright (c) Unused' });
  const text = licenses(`import { name } from 'unused'; export { name as used } from 'used';`);
  expect(text).toContain('Copyright (c) Used');
  expect(text).not.toMatch(/unused/i);
});

test('a package without a licence file is refused, unless its licence asks for no notice', () => {
  installed('careless', 'MIT', {});
  installed('free', 'MIT-0', {});
  expect(licenses(`export { name } from 'free';`)).toMatch(/free 1\.2\.3 \(MIT-0\)\n/);
  expect(() => licenses(`export { name } from 'careless';`)).toThrow(
    'careless 1.2.3 (MIT) is bundled, and has no licence file to go with it.',
  );
});
