import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import promises from '../promises.json';

const ROOT = join(__dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

/** Each test that the manifest names: the promise's number, the file, the name. */
const named = Object.entries<Readonly<Record<string, readonly string[]>>>(promises).flatMap(([number, files]) =>
  Object.entries(files).flatMap(([file, names]) => names.map((name) => ({ number: Number(number), file, name }))),
);

/** Whether the file has a test, or a group of tests, by this name. */
function has(file: string, name: string): boolean {
  // Only at the beginning of a call: a name in a comment or another text does not count.
  const calls = /\(\s*(?:'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`([^`]+)`),/g;
  const names = [...readFileSync(join(ROOT, file), 'utf8').matchAll(calls)].map(
    (call) => call[1] ?? call[2] ?? call[3],
  );
  return names.includes(name);
}

test('each promise of the page has a test in the manifest, and the manifest has no other promise', () => {
  const numbers = [...PAGE.matchAll(/^\*\*(\d+)\. /gm)].map(([, number]) => Number(number));

  expect(numbers).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
  expect([...new Set(named.map(({ number }) => number))]).toEqual(numbers);
});

test('each test in the manifest exists, in a file that is run', () => {
  // The tests of both stores run the contract.
  const isRun = /^test\/.+(\.test|record-store\.contract)\.ts$/;

  expect(
    named.filter(({ file, name }) => !isRun.test(file) || !name.split(' › ').every((part) => has(file, part))),
  ).toEqual([]);
});
