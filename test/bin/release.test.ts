import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { notes, release } from '../../bin/changelog';

const ROOT = join(__dirname, '../..');
const TODAY = new Date().toISOString().slice(0, 10);
const CHANGELOG = '# Changelog\n\n## 0.2.0 (unreleased)\n\n- New.\n\n## 0.1.0 (2026-01-02)\n\n- First.\n';

describe('the changelog', () => {
  test('says which version is next, and gets its date', () => {
    expect(release(CHANGELOG, '2026-12-01')).toEqual({
      version: '0.2.0',
      changelog: CHANGELOG.replace('unreleased', '2026-12-01'),
    });
  });

  test('has the notes of a version, without its neighbours', () => {
    expect(notes(CHANGELOG, '0.2.0')).toBe('- New.\n');
    expect(notes(CHANGELOG, '0.1.0')).toBe('- First.\n');
  });

  test.each([
    ['without an unreleased version', CHANGELOG.replace('unreleased', '2026-12-01'), /no heading such as/],
    ['with nothing new', CHANGELOG.replace('- New.', ''), /says nothing about 0\.2\.0/],
  ])('%s is refused', (_, changelog, sentence) => {
    expect(() => release(changelog, '2026-12-01')).toThrow(sentence);
  });

  test('of this repository can be released', () => {
    const { version } = release(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), TODAY);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('npm run release', () => {
  let folder = '';
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  const run = (...args: string[]) =>
    spawnSync(
      process.execPath,
      ['--import', join(ROOT, 'node_modules/tsx/dist/loader.mjs'), join(ROOT, 'bin/release.ts'), ...args],
      { cwd: folder, encoding: 'utf8' },
    );

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'));
    const manifest = { name: 'x', version: '0.1.0' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...manifest, lockfileVersion: 3, packages: {} }));
    writeFileSync(join(folder, 'CHANGELOG.md'), CHANGELOG);
    git('init', '--quiet');
    for (const [key, value] of [
      ['user.name', 'test'],
      ['user.email', 'test@example.com'],
    ] as const)
      git('config', key, value);
    git('add', '.');
    git('commit', '--quiet', '--message', 'Before');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('dates the changelog, sets the version, commits and tags', () => {
    expect(run()).toMatchObject({ status: 0, stderr: '' });
    expect(git('status', '--porcelain')).toBe('');
    expect(git('log', '-1', '--format=%s %D')).toMatch(/^Release 0\.2\.0 .*tag: v0\.2\.0/);
    const version = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')).version;
    expect([version('package.json'), version('package-lock.json')]).toEqual(['0.2.0', '0.2.0']);
    expect(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8')).toContain(`## 0.2.0 (${TODAY})\n`);
    expect(run('--notes').stdout).toBe('- New.\n');
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringMatching(/^CHANGELOG\.md has no heading/) });
  });

  test('refuses where something is not committed, and changes nothing', () => {
    writeFileSync(join(folder, 'new.txt'), '');
    expect(run()).toMatchObject({ status: 1, stderr: 'There are uncommitted changes: commit them first.\n' });
    expect(git('status', '--porcelain')).toBe('?? new.txt');
    expect(git('tag')).toBe('');
  });
});
