import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { callersPython, ROOT } from '../support/toolbox';

const CALLERS = join(ROOT, 'docs', 'callers', 'python');
const scratch = mkdtempSync(join(tmpdir(), 'python-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const run = promisify(execFile);

/** What a Python module says of these files; empty if it ended well. */
async function complaints(...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', AWS_CONFIG_FILE: '/dev/null' };
  return run(callersPython(), ['-m', ...args], { cwd: CALLERS, env }).then(
    () => '',
    ({ stdout, stderr }) => stdout + stderr,
  );
}

/** Not the two that only sign: what they use has no types. */
const typed = readdirSync(CALLERS).filter((name) => name.endsWith('.py') && !name.startsWith('with_'));

test('the Python client and its examples pass mypy --strict', async () => {
  expect(typed).toContain('fiskil_tokens.py');
  const cache = ['--cache-dir', join(scratch, 'mypy')];
  expect(await complaints('mypy', '--strict', '--python-version', '3.10', ...cache, ...typed)).toBe('');
});

test('all Python here passes ruff, and is formatted by it', async () => {
  const options = ['--config', join(__dirname, 'ruff.toml'), '--no-cache'];
  const folders = [CALLERS, __dirname, join(ROOT, 'test', 'contract')];
  expect(await complaints('ruff', 'check', ...options, ...folders)).toBe('');
  expect(await complaints('ruff', 'format', '--check', ...options, ...folders)).toBe('');
});

test('what is said in test/python of the Python client, and its pytest example, is so', async () => {
  expect(await complaints('pytest', '-q', '-p', 'no:cacheprovider', __dirname, CALLERS)).toBe('');
});
