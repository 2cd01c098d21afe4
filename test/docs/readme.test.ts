import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Markdown that people read, relative to this repository. */
const PAGES = [
  ...['README.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/callers/README.md', 'docs/deploy/README.md'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe('what the pages say', () => {
  test('the README calls the API with the curl that `npm run test:signers` runs', () => {
    const command = read('docs/callers/curl.sh').slice(read('docs/callers/curl.sh').indexOf('\ncurl ') + 1);

    expect(read('README.md')).toContain(`\`\`\`sh\n${command}\`\`\``);
  });

  test.each(PAGES)('%s names no npm script that does not exist', (page) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);

    expect(named.filter((name) => name === undefined || !(name in scripts))).toEqual([]);
  });

  test.each(PAGES)('%s links to no file that does not exist', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, link]) => link ?? '');

    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });

  test('a signer to copy has at most 30 lines', () => {
    const files = readdirSync(join(ROOT, 'docs/callers'), { recursive: true, encoding: 'utf8' }).filter(
      // Not a signer: a client, in one file to copy.
      (name) => /\.(mjs|ts|sh|py|go|java)$/.test(name) && !name.endsWith('fiskil_tokens.py'),
    );

    expect(files.length).toBeGreaterThan(0);
    for (const file of files)
      expect([file, read(`docs/callers/${file}`).trimEnd().split('\n').length <= 30]).toEqual([file, true]);
  });
});
