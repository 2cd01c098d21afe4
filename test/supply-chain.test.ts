import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { bundle } from '../lib/bundle';

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly inBundle?: boolean;
}
const { '': _self, ...locked } = JSON.parse(read('package-lock.json')).packages as Record<string, Locked>;

/** The packages that are deployed, or handed to callers inside of the client, as `name@version`, by the folders that esbuild took sources from. */
function bundled(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  try {
    const sources = ['lambda/handler.ts', 'lambda/rotation.ts', 'client/index.ts', 'local/cli.ts'].flatMap((entry) =>
      bundle(join(ROOT, entry), join(folder, 'index.mjs')),
    );
    const packages = sources.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
    return [...new Set(packages)].map((path) => {
      const { name, version } = JSON.parse(read(join(path, 'package.json')));
      return `${name}@${version}`;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the SBOM', () => {
  test('by the command of SECURITY.md has each package that is bundled, with its hash, and not as one of development', async () => {
    const [command = ''] = /(?<=```sh\n)npm sbom .*/.exec(read('SECURITY.md')) ?? [];
    const [npm = '', ...args] = command.split(' ');
    const { stdout } = await promisify(execFile)(npm, args, { cwd: ROOT, maxBuffer: 10 * 1024 * 1024 });
    const { components } = JSON.parse(stdout) as {
      components: { 'bom-ref': string; hashes?: { alg: string }[]; properties: { name: string }[] }[];
    };
    const deployable = components
      .filter(({ properties }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'))
      .filter(({ hashes }) => hashes?.some(({ alg }) => alg === 'SHA-512'))
      .map((component) => component['bom-ref']);

    const packages = bundled();

    expect(packages).toContainEqual(expect.stringMatching(/^@aws-sdk\/client-dynamodb@/));
    expect(packages.filter((each) => !deployable.includes(each))).toEqual([]);
  });
});

describe('what is fetched', () => {
  test('from npm has one exact version', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const versions = Object.entries({ ...dependencies, ...devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test('from npm is held to its hash, and comes from the registry alone', () => {
    const entries = Object.entries(locked);
    expect(entries.length).toBeGreaterThan(100);
    // A package that comes inside of another has that one's hash.
    expect(entries.filter(([, { integrity, inBundle }]) => !inBundle && !integrity?.startsWith('sha512-'))).toEqual([]);
    expect(
      entries.filter(([, { resolved }]) => resolved && !resolved.startsWith('https://registry.npmjs.org/')),
    ).toEqual([]);
  });

  const TOOLS = 'test/support/tools';
  const tools = readdirSync(join(ROOT, TOOLS));

  test('from PyPI, for the tests, has one exact version and its hashes', () => {
    const lists = tools.filter((name) => name.endsWith('.txt'));
    expect(lists).toEqual(tools.filter((name) => name.endsWith('.in')).map((name) => name.replace('.in', '.txt')));
    expect(lists.length).toBeGreaterThan(3);
    const requirements = lists.flatMap((name) =>
      read(join(TOOLS, name))
        .replaceAll(/^ *#.*\n/gm, '')
        .replaceAll('\\\n', '')
        .trim()
        .split('\n'),
    );
    const locked = /^[\w.-]+(\[\w+\])?==[\w.]+( ; [^;]+?)?( +--hash=sha256:[0-9a-f]{64})+$/;
    expect(requirements.filter((line) => !locked.test(line))).toEqual([]);
  });

  test.each(tools.filter((name) => existsSync(join(ROOT, TOOLS, name, 'package.json'))))(
    'from npm, for the tests, is held to its hash: %s',
    (name) => {
      const { '': self, ...entries } = JSON.parse(read(join(TOOLS, name, 'package-lock.json'))).packages as Record<
        string,
        Locked
      >;
      const { dependencies, optionalDependencies } = JSON.parse(read(join(TOOLS, name, 'package.json')));
      expect(self).toMatchObject(JSON.parse(JSON.stringify({ dependencies, optionalDependencies })));
      expect(Object.values({ ...dependencies, ...optionalDependencies })).not.toContainEqual(
        expect.not.stringMatching(/^\d+\.\d+\.\d+$/),
      );
      const unlocked = Object.values(entries).filter(
        ({ integrity, inBundle }) => !inBundle && !integrity?.startsWith('sha512-'),
      );
      expect(unlocked).toEqual([]);
    },
  );

  test('by the workflows is an action at one commit, with its version beside it, or nothing', () => {
    const workflows = readdirSync(join(ROOT, '.github/workflows')).map((name) => read(join('.github/workflows', name)));
    const uses = workflows.flatMap((text) => text.match(/^.*\buses:.*$/gm) ?? []);
    expect(uses.length).toBeGreaterThan(2);
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });
});
