import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const filesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`);

/** The Markdown pages for people, relative to this repository. */
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...filesIn('docs').filter((name) => name.endsWith('.md')),
];

/** Where this repository's own code is. */
const CODE = ['api', 'bench', 'bin', 'client', 'docs', 'lambda', 'lib', 'local', 'test'];

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  const headings = read(page).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

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

  test.each(PAGES)('%s links to no section that does not exist', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)/g)];
    const targets = links.map(([, link, anchor]) => [link ? join(dirname(page), link) : page, anchor ?? ''] as const);

    expect(targets.filter(([target, anchor]) => !anchorsOf(target).includes(anchor))).toEqual([]);
  });

  test.each(PAGES)('%s names no file of this repository that does not exist', (page) => {
    const named = [...read(page).matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)].map(([, path]) => path ?? '');
    const ours = named.filter((path) => [...CODE, '.github'].includes(path.split('/')[0] ?? ''));

    expect(ours.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('the architecture page names each file of the engine that holds a rule or a number', () => {
    const page = read('docs/architecture.md');
    const rules = [
      'believable',
      'backoff',
      'budgets',
      'decide',
      'mint',
      'pairs',
      'remembering-store',
      'tick',
      'vend-call',
    ];

    expect([...rules, 'windows'].filter((name) => !page.includes(`${name}.ts`))).toEqual([]);
  });

  test('no comment names a page that does not exist', () => {
    const files = CODE.flatMap(filesIn).filter((name) => /\.(ts|mjs|py|sh)$/.test(name));
    const cited = files.flatMap((file) =>
      [...read(file).matchAll(/^.*(?:\/\/|\*|#) .*$/gm)].flatMap(([line]) =>
        [...line.matchAll(/[\w./-]*\w\.md\b/g)].map(([path]) => ({ file, path })),
      ),
    );
    const isThere = ({ file, path }: { file: string; path: string }) =>
      [ROOT, join(ROOT, dirname(file))].some((from) => existsSync(join(from, path)));

    expect(cited.length).toBeGreaterThan(20);
    expect(cited.filter((each) => !isThere(each))).toEqual([]);
  });

  test('a signer to copy has at most 30 lines', () => {
    const files = readdirSync(join(ROOT, 'docs/callers'), { recursive: true, encoding: 'utf8' }).filter(
      // This is not a signer, but a client in one file.
      (name) => /\.(mjs|ts|sh|py|go|java)$/.test(name) && !name.endsWith('fiskil_tokens.py'),
    );

    expect(files.length).toBeGreaterThan(0);
    for (const file of files)
      expect([file, read(`docs/callers/${file}`).trimEnd().split('\n').length <= 30]).toEqual([file, true]);
  });
});
