import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { ROOT, zizmorProgram } from './support/toolbox';

test('zizmor finds no fault in the workflows', async () => {
  const flags = ['--offline', '--persona', 'auditor', '--no-progress', '--format', 'plain'];
  const { stdout, stderr } = await promisify(execFile)(zizmorProgram(), [...flags, join(ROOT, '.github')]).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  expect(`${stdout}${stderr}`).toContain('No findings to report.');
});
