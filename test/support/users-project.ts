import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runFolder } from './toolbox';

/**
 * A project as a user has it: these files, and this package installed, whose client is built as it is when packed.
 * (Not in `dist`, which another test may be building.) Answers its folder.
 */
export function usersProject(files: string): string {
  const project = runFolder('users-project');
  cpSync(join(ROOT, files), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{}');
  // The nearest one counts: that of this repository leads to its sources.
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
