import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ROOT, runFolder } from './toolbox';

export interface Running {
  readonly name: string;
  readonly log: string;
  /** Resolves with the exit code (or the signal) when it has ended. */
  readonly ended: Promise<number | string>;
  hasEnded(): boolean;
  /** Ends it and everything that it started. */
  stop(): Promise<void>;
}

export interface Start {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is passed on by accident, AWS credentials least of all. */
  readonly env: NodeJS.ProcessEnv;
  /** @default the repository's root */
  readonly cwd?: string;
}

const running = new Set<ChildProcess>();
let listening = false;

/** Starts a process in a group of its own, with its output in a file under `.cache/runs`. */
export function start({ name, command, args, env, cwd = ROOT }: Start): Running {
  const log = join(runFolder('logs'), `${name}.log`);
  const file = openSync(log, 'a');
  const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ['ignore', file, file] });
  closeSync(file);
  killAtExit(child);
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  }).finally(() => running.delete(child));
  return {
    name,
    log,
    ended,
    hasEnded: () => !running.has(child),
    stop: async () => {
      kill(child, 'SIGTERM');
      const timer = setTimeout(() => kill(child, 'SIGKILL'), 3_000);
      await ended;
      clearTimeout(timer);
      // What it started may outlive it.
      kill(child, 'SIGKILL');
    },
  };
}

/** The error for a setup that failed, with the end of the process's own words. */
export function failure(what: string, process: Running): Error {
  const lines = readFileSync(process.log, 'utf8').trimEnd().split('\n').slice(-40);
  return new Error(`${what}\n--- the end of ${process.log}\n${lines.join('\n')}\n---`);
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
  running.add(child);
}

function killAll(): void {
  for (const child of running) kill(child, 'SIGKILL');
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is empty: what should be dead is dead.
  }
}
