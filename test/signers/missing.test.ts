import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { isGreen, type Result, summary } from './results';
import { Missing, orMissing } from './toolchains';

const run = promisify(execFile);

test('a signer whose program is not on this machine is missing, and the program is named', async () => {
  const making = run('no-such-toolchain', ['build']).then(() => []);

  expect(await orMissing(making)).toEqual(new Missing('no `no-such-toolchain` on this machine'));
});

test('a signer whose toolchain fails is not missing', async () => {
  const making = run(process.execPath, ['--eval', 'process.exit(1)']).then(() => []);

  await expect(orMissing(making)).rejects.toMatchObject({ code: 1 });
});

test.each<[Result['verdict'], string | undefined, boolean]>([
  ['ok', '1', true],
  ['failed', undefined, false],
  ['not run', undefined, true],
  ['not run', '1', false],
])('with one %s and CI being %s, it is green: %s', (verdict, CI, green) => {
  const results: Result[] = [
    { name: 'one', verdict: 'ok', why: [] },
    { name: 'other', verdict, why: ['why'] },
  ];

  expect(isGreen(results, { CI })).toBe(green);
});

test('the last line counts them', () => {
  const results = (['ok', 'not run', 'ok', 'failed'] as const).map((verdict) => ({ name: '', verdict, why: [] }));

  expect(summary(results)).toBe('Signers: 2 passed, 1 failed, 1 not run');
});
