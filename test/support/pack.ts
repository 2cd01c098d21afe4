import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, runFolder } from './toolbox';

const run = promisify(execFile);

/** Where tests find the tarball. */
const TARBALL = 'TEST_TARBALL';

/**
 * Packs, once in a run of jest. It is the global setup of the project `package`, for files that run side by side. The
 * one file of another project that wants the tarball packs by itself when it runs without that project.
 */
export default async function pack(): Promise<void> {
  if (tarball() !== '') return;
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

/**
 * A new project outside of this repository, with the package installed in it and nothing else. Answers its folder.
 * @param besides what the project has installed as well, such as `constructs@10.8.1`
 */
export async function installPackage(besides: readonly string[] = []): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'installed-package-'));
  await run('npm', ['init', '--yes', '--silent'], { cwd: project });
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  await run('npm', ['install', ...flags, ...besides, tarball()], { cwd: project });
  return project;
}
