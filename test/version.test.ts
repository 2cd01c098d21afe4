import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { notes, release } from '../bin/changelog';
import { version } from '../package.json';

/** What must be so on every commit, on those of a release too: test/bin/release.test.ts runs this file on them. */

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test('the changelog begins with a version that can be released, or with the one that was', () => {
  const text = read('CHANGELOG.md');
  const newest = text.includes(' (unreleased)\n') ? release(text, '2026-12-01') : { version, changelog: text };

  expect(/^## \S+/m.exec(newest.changelog)?.[0]).toBe(`## ${newest.version}`);
  expect(notes(newest.changelog, newest.version)).toMatch(/^- /);
});

test('the lockfile and the Python client name the version of the package', () => {
  const lock = JSON.parse(read('package-lock.json'));

  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
  expect(read('docs/callers/python/fiskil_tokens.py')).toContain(`\n__version__ = "${version}"\n`);
});

test('no page names a version of the package, because no release would change it', () => {
  const files = readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)));
  const named = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...files].flatMap((file) =>
    [...read(file).matchAll(/fiskil-token-vending\W{1,3}v?\d+\.\d+.*/g)].map(([text]) => `${file}: ${text}`),
  );

  expect(files.length).toBeGreaterThan(30);
  expect(named).toEqual([]);
});
