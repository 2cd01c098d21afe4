import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(__dirname, '..', '..');
const doc = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

/** Each promise by its number, with what the page says of it. */
const promises = new Map(
  doc
    .split(/^(?=\*\*\d+\. )/m)
    .slice(1)
    .map((text) => [Number(/\d+/.exec(text)?.[0]), text.split(/^###? /m)[0] ?? '']),
);

const namedIn = (text: string) =>
  [...text.matchAll(/^- `([^`]+)`: (.+)$/gm)].map(([, file = '', title = '']) => ({ file, title }));

/** Whether the file has a test, or a group of tests, by this name. */
function has(file: string, name: string): boolean {
  // At the beginning of a call: one that is named in a comment or a text counts for nothing.
  const calls = /\(\s*(?:'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`([^`]+)`),/g;
  const names = [...readFileSync(join(ROOT, file), 'utf8').matchAll(calls)].map(
    (call) => call[1] ?? call[2] ?? call[3],
  );
  return names.includes(name);
}

test('each of the 23 promises names tests that prove it', () => {
  expect([...promises.keys()]).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
  expect([...promises].filter(([, text]) => namedIn(text).length === 0)).toEqual([]);
});

test('each test that is named is there, in a file that is run', () => {
  const named = namedIn(doc);
  expect(named.length).toBeGreaterThan(60);
  for (const { file, title } of named) {
    // The contract is run by the tests of both stores.
    expect(file).toMatch(/^test\/.+(\.test|record-store\.contract)\.ts$/);
    for (const name of title.split(' › ')) expect([file, name, has(file, name)]).toEqual([file, name, true]);
  }
});
