import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runFolder } from './toolbox';

/**
 * Makes a user's project from these files, with this package installed, and returns its folder. The package's client is built as for a release,
 * but not in `dist`, because another test may be building there.
 */
export function usersProject(files: string): string {
  const project = runFolder('users-project');
  cpSync(join(ROOT, files), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{}');
  // Without a tsconfig.json of its own, the project would use this repository's, which leads to the sources.
  writeFileSync(join(project, 'tsconfig.json'), '{}');
  symlinkSync(builtPackage(), join(runFolder('users-project', 'node_modules'), 'fiskil-token-vending'));
  return project;
}

function builtPackage(): string {
  const folder = runFolder('package');
  for (const name of ['client', 'lambda', 'lib', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, [join(ROOT, 'node_modules/.bin/tsx'), 'client/build.ts'], { cwd: folder });
  return folder;
}
