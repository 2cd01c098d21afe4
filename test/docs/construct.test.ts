import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DEFAULTS } from '../../lib/config';

const ROOT = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test("the construct's page shows docs/construct/app.ts, which test/lib/example.test.ts synthesises", () => {
  const shown = /^```ts\n(.*?)^```$/ms.exec(read('docs/construct.md'))?.[1];

  expect(shown).toBe(read('docs/construct/app.ts'));
});

test("the README's table has every key of the configuration, with its default, and no other", () => {
  const [, table = ''] = read('README.md').split('| key | default | what |\n|---|---|---|\n');
  const rows = (table.split('\n\n')[0] ?? '').split('\n').map((row) => row.split('|').slice(1, 3));
  const documented = rows.flatMap(([keys = '', usual = '']) => {
    const values = [...usual.matchAll(/`([^`]+)`/g)].map(([, value]) => value);
    return [...keys.matchAll(/`fiskil:(\w+)`/g)].map(([, key], index) => [key, values[index] ?? usual.trim()]);
  });
  const written = (value: unknown) =>
    value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);

  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(Object.entries(DEFAULTS).map(([key, value]) => [key, written(value)])),
  );
});
