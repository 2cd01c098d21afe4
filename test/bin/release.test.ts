import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { notes, release } from '../../bin/changelog';

const ROOT = join(__dirname, '../..');
const CHANGELOG = '# Changelog\n\n## 0.2.0 (unreleased)\n\n- New.\n\n## 0.1.0 (2026-01-02)\n\n- First.\n';

describe('the changelog', () => {
  test('says which version is next, and gets its date', () => {
    expect(release(CHANGELOG, '2026-12-01')).toEqual({
      version: '0.2.0',
      changelog: CHANGELOG.replace('unreleased', '2026-12-01'),
    });
  });

  test('has the notes of a version, without its neighbours', () => {
    expect(notes(release(CHANGELOG, '2026-12-01').changelog, '0.2.0')).toBe('- New.\n');
    expect(notes(CHANGELOG, '0.1.0')).toBe('- First.\n');
  });

  test.each([
    ['without an unreleased version', CHANGELOG.replace('unreleased', '2026-12-01'), /no heading such as/],
    ['with nothing new', CHANGELOG.replace('- New.', ''), /says nothing under "## 0\.2\.0 \(unreleased\)"/],
  ])('%s is refused', (_, changelog, sentence) => {
    expect(() => release(changelog, '2026-12-01')).toThrow(sentence);
  });

  test.each(['0.2.0', '0.3.0'])('has no notes of %s, which is not released', (version) => {
    expect(() => notes(CHANGELOG, version)).toThrow(/says nothing about .* under a heading with a date/);
  });
});

describe('npm run release, in a copy of this repository', () => {
  let folder = '';
  // Jest makes its workers' commands write colours.
  const env = { ...process.env, FORCE_COLOR: '0' };
  const run = (command: string, ...args: string[]) => spawnSync(command, args, { cwd: folder, encoding: 'utf8', env });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  const npmRelease = (...args: string[]) => run('npm', 'run', '--silent', 'release', '--', ...args);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const commit = () => git('commit', '--quiet', '--all', '--message', 'Change');
  /** Puts a change of a new version into the changelog. */
  const change = (version: string) => {
    const heading = `## ${version} (unreleased)\n\n- New in ${version}.\n\n`;
    const released = read('CHANGELOG.md').replace(' (unreleased)\n', ' (2026-01-02)\n');
    writeFileSync(join(folder, 'CHANGELOG.md'), released.replace(/^## /m, `${heading}## `));
    commit();
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'));
    const isSource = (path: string) =>
      !/^(node_modules|cdk\.out|dist|coverage|reports|\.(git|cache|stryker-tmp|env))$/.test(basename(path));
    cpSync(ROOT, folder, { recursive: true, filter: isSource });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    git('init', '--quiet');
    appendFileSync(join(folder, '.git/info/exclude'), 'node_modules\n');
    git('config', 'user.name', 'test');
    git('config', 'user.email', 'test@example.com');
    git('add', '.');
    git('commit', '--quiet', '--message', 'Before');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('refuses where something is not committed, and changes nothing', () => {
    change('900.0.0');
    writeFileSync(join(folder, 'new.txt'), '');
    expect(npmRelease()).toMatchObject({ status: 1, stderr: 'There are uncommitted changes: commit them first.\n' });
    expect(git('status', '--porcelain')).toBe('?? new.txt');
    expect(git('tag')).toBe('');
    rmSync(join(folder, 'new.txt'));
  });

  test('takes everything back if a step fails', () => {
    change('901.0.0');
    run('npm', 'pkg', 'set', 'scripts.template:previous=exit 3');
    commit();
    const before = git('rev-parse', 'HEAD');
    expect(npmRelease()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/Command failed: npm run template:previous\nNothing is changed\.\n$/),
    });
    expect([git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]).toEqual([before, '', '']);
    git('revert', '--no-edit', 'HEAD');
  });

  test('makes a commit that passes the checks of the version, and so does the commit after it', () => {
    change('902.0.0');
    expect(npmRelease()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Committed and tagged v902.0.0.'),
    });
    expect(git('status', '--porcelain')).toBe('');
    expect(git('log', '-2', '--format=%s')).toBe('Test upgrades from 902.0.0\nRelease 902.0.0');
    expect(git('diff', '--name-only', 'HEAD~1').split('\n')).toContain('test/e2e/previous-release/vend.zip');
    for (const tree of ['v902.0.0', '-']) {
      git('checkout', '--quiet', tree);
      expect(JSON.parse(read('package.json')).version).toBe('902.0.0');
      expect(read('CHANGELOG.md')).toContain(`\n## 902.0.0 (${new Date().toISOString().slice(0, 10)})\n`);
      expect(npmRelease('--notes').stdout).toBe('- New in 902.0.0.\n');
      const checks = run('npx', 'jest', '--selectProjects', 'unit', '--testPathPatterns', 'test/version\\.test');
      expect(checks).toMatchObject({ status: 0, stderr: expect.stringMatching(/^Tests: +3 passed/m) });
    }
    expect(npmRelease()).toMatchObject({ status: 1, stderr: expect.stringMatching(/^CHANGELOG\.md has no heading/) });
  });
});
