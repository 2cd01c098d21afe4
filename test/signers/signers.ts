import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/toolbox';

const run = promisify(execFile);
const CALLERS = join(ROOT, 'docs', 'callers');

/** A file of docs/callers: `METHOD PATH [BODY]` as arguments, unless it makes one call only. */
export interface Signer {
  readonly name: string;
  /** The program and its first arguments. */
  readonly command: readonly string[];
  readonly onlyGet?: boolean;
}

/** A signer whose toolchain this machine lacks. */
export interface Missing {
  readonly name: string;
  readonly why: string;
}

/** Builds what must be built in `scratch`. */
export async function prepareSigners(scratch: string): Promise<(Signer | Missing)[]> {
  const node = (file: string): Signer => ({ name: file, command: [process.execPath, join(CALLERS, file)] });
  const built = await Promise.all([
    attempt('curl', () => curl()),
    ...['with_botocore.py', 'with_requests_aws4auth.py'].map((file, index) =>
      attempt(file, async () => {
        // One each, so that neither waits for the other.
        const folder = join(scratch, `venv-${index}`);
        await run('python3', ['-m', 'venv', folder]);
        const python = join(folder, 'bin', 'python');
        const pins = join(CALLERS, 'python', 'requirements.txt');
        await run(python, ['-m', 'pip', 'install', '--no-deps', '--quiet', '-r', pins]);
        return [python, join(CALLERS, 'python', file)];
      }),
    ),
    attempt('Go', () => go(join(scratch, 'go'))),
    attempt('Java', () => java(join(scratch, 'java'))),
  ]);
  return [node('aws4.mjs'), node('aws4fetch.mjs'), node('signature-v4.mjs'), ...built];
}

async function curl(): Promise<string[]> {
  await run('curl', ['--version']);
  return ['sh', join(CALLERS, 'curl.sh')];
}

async function go(folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  for (const file of ['go.mod', 'go.sum', 'token_api.go']) copyFileSync(join(CALLERS, 'go', file), join(folder, file));
  copyFileSync(join(__dirname, 'go', 'main.go'), join(folder, 'main.go'));
  const program = join(folder, 'caller');
  await run('go', ['build', '-o', program, '.'], { cwd: folder });
  return [program];
}

async function java(folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(CALLERS, 'java', 'pom.xml'), join(folder, 'pom.xml'));
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
  const args = ['-B', '-q', goal, '-DincludeScope=runtime', '-DoutputDirectory=lib'];
  await run('mvn', args, { cwd: folder });
  await run('javac', ['-cp', 'lib/*', '-d', '.', join(CALLERS, 'java', 'TokenApi.java')], { cwd: folder });
  return ['java', '-cp', `${folder}:${join(folder, 'lib')}/*`, 'TokenApi'];
}

async function attempt(name: string, make: () => Promise<string[]>): Promise<Signer | Missing> {
  try {
    return { name, command: await make(), onlyGet: name === 'curl' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { name, why: `no \`${(error as NodeJS.ErrnoException).path}\` on this machine` };
  }
}

export const isMissing = (signer: Signer | Missing): signer is Missing => 'why' in signer;

export interface Ended {
  readonly ok: boolean;
  readonly output: string;
}

export function call(signer: Signer, env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ended> {
  const [program = '', ...first] = signer.command;
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...env }, timeout: 60_000 };
    execFile(program, [...first, ...(signer.onlyGet ? [] : args)], options, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: stdout + stderr }),
    );
  });
}
