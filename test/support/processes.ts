import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ROOT, runFolder } from './toolbox';

export interface Command {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is passed on by accident, AWS credentials least of all. */
  readonly env: NodeJS.ProcessEnv;
  /** @default the repository's root */
  readonly cwd?: string;
}

export interface Started {
  /** The file with its output. */
  readonly log: string;
  /** Resolves with the exit code (or the signal, or why it could not begin) when it has ended. */
  readonly ended: Promise<number | string>;
}

export interface Server extends Started {
  hasEnded(): boolean;
  /** Ends it and everything that it started. */
  stop(): Promise<void>;
}

const servers = new Set<ChildProcess>();
let listening = false;

/** Starts a process that ends by itself. It stays in this process's group, so that Ctrl-C ends it too. */
export function startCommand(command: Command): Started {
  return begin(command, false);
}

/** Starts a process that runs until it is stopped, or until this process ends. */
export function startServer(command: Command): Server {
  const { child, log, ended } = begin(command, true);
  killAtExit(child);
  return {
    log,
    ended: ended.finally(() => servers.delete(child)),
    hasEnded: () => !servers.has(child),
    stop: async () => {
      killGroup(child, 'SIGTERM');
      const timer = setTimeout(() => killGroup(child, 'SIGKILL'), 3_000);
      await ended;
      clearTimeout(timer);
      // What it started may outlive it.
      killGroup(child, 'SIGKILL');
    },
  };
}

function begin({ name, command, args, env, cwd = ROOT }: Command, detached: boolean) {
  const log = join(runFolder('logs'), `${name}.log`);
  const file = openSync(log, 'a');
  const child = spawn(command, [...args], { cwd, env, detached, stdio: ['ignore', file, file] });
  closeSync(file);
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
  return { child, log, ended };
}

/** The error for a setup that failed, with the end of the process's own words. */
export function failure(what: string, { log }: Started): Error {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-40);
  return new Error(`${what}\n--- the end of ${log}\n${lines.join('\n')}\n---`);
}

/** A port of 127.0.0.1 that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function killAtExit(child: ChildProcess): void {
  if (!listening) {
    listening = true;
    process.once('exit', killAll);
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      process.once(signal, () => process.exit(code));
    }
  }
  servers.add(child);
}

function killAll(): void {
  for (const child of servers) killGroup(child, 'SIGKILL');
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is empty: what should be dead is dead.
  }
}
