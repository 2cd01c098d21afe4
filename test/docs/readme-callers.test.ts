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
