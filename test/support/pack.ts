import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, runFolder } from './toolbox';

const run = promisify(execFile);

/** Where a package test finds the tarball. */
const TARBALL = 'TEST_TARBALL';

/** Jest's global setup of the project `package`: packs once, for files that run side by side. */
export default async function setup(): Promise<void> {
  const folder = runFolder('packed');
  const { stdout } = await run('npm', ['run', '--silent', 'pack', '--', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
  });
  process.env[TARBALL] = join(folder, stdout.trim().split('\n').at(-1) ?? '');
}

/** The packed package, a file. */
export function tarball(): string {
  return process.env[TARBALL] ?? '';
}

/** An empty project outside of this repository, with the package installed in it and nothing else. */
export async function installPackage(): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'installed-package-'));
  await writeFile(join(project, 'package.json'), '{"name":"empty","private":true}');
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  await run('npm', ['install', ...flags, tarball()], { cwd: project });
  return project;
}
