/** `npm run release` makes a release of the unreleased version in CHANGELOG.md. It sets the date and the version in package.json, commits, and tags.
 * `npm run release -- --notes` prints what the changelog says about the version in package.json.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { notes, ReleaseError, release } from './changelog';

const CHANGELOG = 'CHANGELOG.md';

function main(): void {
  const { values } = parseArgs({ options: { notes: { type: 'boolean' } } });
  const text = readFileSync(CHANGELOG, 'utf8');
  if (values.notes) {
    process.stdout.write(notes(text, JSON.parse(readFileSync('package.json', 'utf8')).version));
    return;
  }
  const { version, changelog } = release(text, new Date().toISOString().slice(0, 10));
  if (git('status', '--porcelain') !== '') {
    throw new ReleaseError('There are uncommitted changes: commit them first.');
  }
  if (git('tag', '--list', `v${version}`) !== '') {
    throw new ReleaseError(`The tag v${version} exists already.`);
  }
  writeFileSync(CHANGELOG, changelog);
  // Also writes package-lock.json.
  execFileSync('npm', ['version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts']);
  git('commit', '--quiet', '--message', `Release ${version}`, CHANGELOG, 'package.json', 'package-lock.json');
  git('tag', '--annotate', `v${version}`, '--message', version);
  console.log(`Committed and tagged v${version}. To publish it: git push --follow-tags`);
}

function git(...args: readonly string[]): string {
  return execFileSync('git', [...args], { encoding: 'utf8' });
}

try {
  main();
} catch (error) {
  if (!(error instanceof ReleaseError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
