import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, 'docs/callers/lambda');

const snippets = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
  ([, snippet = '']) => snippet,
);
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(FOLDER, name), 'utf8'));

describe("the README's TypeScript is in docs/callers/lambda, which test/e2e/lambda-caller.test.ts deploys", () => {
  test.each(snippets.map((snippet) => [snippet.split('\n')[0], snippet]))('%s …', (_, snippet) => {
    expect(files.filter((file) => file.includes(snippet ?? ''))).toHaveLength(1);
  });

  test('the grant, and the whole function', () => {
    const text = snippets.join('\n');

    expect(text).toContain("vending.connect(listEndUsers, 'default');\n");
    expect(snippets).toContain(readFileSync(join(FOLDER, 'list-end-users.ts'), 'utf8'));
  });
});

test("the callers' page shows docs/callers/any-http/call-fiskil.ts, which test/client/any-http.test.ts runs", () => {
  const callers = join(ROOT, 'docs/callers');
  const shown = readFileSync(join(callers, 'README.md'), 'utf8');

  expect(shown).toContain(`\`\`\`ts\n${readFileSync(join(callers, 'any-http/call-fiskil.ts'), 'utf8')}\`\`\``);
});

test('every file of docs/callers is run by a test, or built by one', () => {
  const runners = ['test/signers/signers.ts', 'test/signers/toolchains.ts', 'test/python/checks.python.test.ts'];
  const text = [...runners, 'test/e2e/lambda-caller.test.ts', 'test/lib/fargate-caller.test.ts']
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
  const files = readdirSync(join(ROOT, 'docs/callers'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^README\.md$|\.pyc$/.test(entry.name))
    .map(({ name, parentPath }) => ({ name, folder: parentPath.slice(join(ROOT, 'docs/callers').length + 1) }));
  // These folders are built whole; pytest and mypy take all of Python's.
  const isRun = ({ name, folder }: (typeof files)[number]) =>
    ['go', 'java', 'python'].includes(folder) ||
    text.includes(name) ||
    (folder === 'any-http' && name === 'call-fiskil.ts');

  expect(files.length).toBeGreaterThan(15);
  expect(files.filter((file) => !isRun(file))).toEqual([]);
});
