import { execFile } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/toolbox';
import { usersProject } from '../support/users-project';

const run = promisify(execFile);
export const CALLERS = join(ROOT, 'docs', 'callers');

/** A program and its first arguments. */
export type Command = readonly string[];

/** Why this machine cannot make a command. */
export class Missing {
  constructor(readonly why: string) {}
}

export const NO_PYTHON = new Missing('no Python 3.10 or later with its venv module on this machine');

/** Answers with the program that this machine lacks for a command, if that is why it could not be made. */
export async function orMissing(making: Promise<Command | Missing>): Promise<Command | Missing> {
  try {
    return await making;
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw error;
    return new Missing(`no \`${path}\` on this machine`);
  }
}

/** This client as it is published, which its caller then finds under the package's own name. */
export async function builtClient(): Promise<Command> {
  await run(process.execPath, [join(ROOT, 'node_modules', '.bin', 'tsx'), join(ROOT, 'client', 'build.ts')]);
  return node('client.mjs');
}

/** The TypeScript of docs/callers, where this package and the libraries are installed. */
export async function project(): Promise<string> {
  const project = usersProject('docs/callers/any-http');
  cpSync(join(CALLERS, 'fargate'), project, { recursive: true });
  cpSync(join(CALLERS, 'lambda'), join(project, 'lambda'), { recursive: true });
  cpSync(join(__dirname, 'lambda.ts'), join(project, 'lambda.ts'));
  for (const name of ['axios', 'got', '@aws-sdk'])
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  return project;
}

export async function inProject(project: Promise<string>, ...files: readonly string[]): Promise<Command> {
  const folder = await project;
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  return [process.execPath, tsx, ...files.map((file) => join(folder, file))];
}

export async function node(file: string): Promise<Command> {
  return [process.execPath, join(CALLERS, file)];
}

export async function curl(): Promise<Command> {
  await run('curl', ['--version']);
  return ['sh', join(CALLERS, 'curl.sh')];
}

/** Copies the Python callers into `folder`. Answers the Python there that has what they need, made by any other. */
export async function venv(python: string, folder: string): Promise<string> {
  cpSync(join(CALLERS, 'python'), folder, { recursive: true });
  await run(python, ['-m', 'venv', folder]);
  const own = join(folder, 'bin', 'python');
  await run(own, ['-m', 'pip', 'install', '--no-deps', '--quiet', '-r', join(folder, 'requirements.txt')]);
  return own;
}

/** As docs/callers/README.md tells: nothing is added to what is copied. */
export async function go(folder: string): Promise<Command> {
  cpSync(join(CALLERS, 'go'), folder, { recursive: true });
  await run('go', ['build', '-o', 'caller', '.'], { cwd: folder });
  return [join(folder, 'caller')];
}

/** As docs/callers/README.md tells: nothing is added to what is copied. */
export async function java(folder: string): Promise<Command> {
  cpSync(join(CALLERS, 'java'), folder, { recursive: true });
  await run('mvn', ['-B', '-q', 'package', 'dependency:copy-dependencies', '-DincludeScope=runtime'], { cwd: folder });
  return ['java', '-cp', `${join(folder, 'target/caller-1.jar')}:${join(folder, 'target/dependency')}/*`, 'TokenApi'];
}
