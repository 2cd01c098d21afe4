import { execFile } from 'node:child_process';

/** What a machine must bring; everything else comes from package registries. */
export type Need = 'node' | 'java' | 'python';

export interface Machine {
  readonly node: string;
  /** What `java -version` printed; absent when there is no such command. */
  readonly java?: string | undefined;
  /** The first usable Python's path. */
  readonly python?: string | undefined;
}

/** One sentence for each thing that is missing or too old. */
export function faults(machine: Machine, needs: readonly Need[]): string[] {
  const found: string[] = [];
  if (needs.includes('node') && !atLeast(machine.node, [20, 19])) {
    found.push(`Node 20.19 or later is needed; this is ${machine.node}.`);
  }
  if (needs.includes('java')) {
    const version = machine.java === undefined ? undefined : /version "([^"]+)"/.exec(machine.java)?.[1];
    if (version === undefined)
      found.push('Java 17 or later is needed (for DynamoDB Local); there is no working `java`.');
    else if (!atLeast(version, [17]))
      found.push(`Java 17 or later is needed (for DynamoDB Local); this is ${version}.`);
  }
  if (needs.includes('python') && machine.python === undefined) {
    found.push(
      'Python 3.10 or later with its venv module is needed (for the AWS emulator); on Debian and Ubuntu: apt-get install python3-venv.',
    );
  }
  return found;
}

/** Looks at the machine; only at what is asked for, since each look costs a process. */
export async function inspect(needs: readonly Need[]): Promise<Machine> {
  const [java, python] = await Promise.all([
    needs.includes('java') ? output('java', ['-version']) : undefined,
    needs.includes('python') ? findPython() : undefined,
  ]);
  return { node: process.versions.node, java, python };
}

async function findPython(): Promise<string | undefined> {
  const test = 'import sys, venv, ensurepip; print(sys.executable) if sys.version_info >= (3, 10) else sys.exit(1)';
  for (const command of ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const path = await output(command, ['-c', test]);
    if (path !== undefined) return path.trim();
  }
  return undefined;
}

/** What a command printed, on either stream; undefined when it failed or does not exist. */
function output(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, [...args], (error, stdout, stderr) => resolve(error ? undefined : stdout + stderr));
  });
}

function atLeast(version: string, minimum: readonly number[]): boolean {
  const parts = version.split(/[._+-]/).map(Number);
  for (const [index, least] of minimum.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
