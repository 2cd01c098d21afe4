/** `npm run release` makes a release of the unreleased version in CHANGELOG.md. docs/releasing.md says what it does.
 * `npm run release -- --notes` prints what the changelog says about the version in package.json.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { notes, ReleaseError, release } from './changelog';

const CHANGELOG = 'CHANGELOG.md';
/** Users copy this file, so it cannot read the version from package.json. */
const PYTHON = 'docs/callers/python/fiskil_tokens.py';
/** Where the upgrade test starts. */
const PREVIOUS = 'test/e2e/previous-release';

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
  const before = git('rev-parse', 'HEAD').trim();
  try {
    commit(version, changelog);
  } catch (error) {
    git('reset', '--quiet', '--hard', before);
    throw new ReleaseError(`${(error as Error).message.trim()}\nNothing is changed.`);
  }
  console.log(`Committed and tagged v${version}. To publish it: git push --atomic --follow-tags`);
}

/** Makes the commit of the release and the one after it, and then the tag. */
function commit(version: string, changelog: string): void {
  writeFileSync(CHANGELOG, changelog);
  const python = readFileSync(PYTHON, 'utf8');
  writeFileSync(PYTHON, python.replace(/^__version__ = .*$/m, `__version__ = "${version}"`));
  // Also writes package-lock.json.
  npm('version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts');
  git('commit', '--quiet', '--all', '--message', `Release ${version}`);
  // Not in the commit of the release, whose own upgrade test starts from the release before it.
  npm('run', 'template:previous');
  git('add', PREVIOUS);
  git('commit', '--quiet', '--allow-empty', '--message', `Test upgrades from ${version}`);
  git('tag', '--annotate', `v${version}`, '--message', version, 'HEAD~1');
}

function git(...args: readonly string[]): string {
  return execFileSync('git', [...args], { encoding: 'utf8' });
}

function npm(...args: readonly string[]): void {
  execFileSync('npm', [...args], { stdio: ['ignore', 'ignore', 'inherit'] });
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
