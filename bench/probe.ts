import { spawn, spawnSync } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runFolder } from '../test/support/toolbox';

/** Enough rounds for a median that stays the same from run to run. */
export const ROUNDS = 25;

/** A process that measures. It writes its numbers as JSON to file descriptor 3. Its log is dropped, which costs as little as logging on Lambda. */
export interface Probe {
  /** @default this Node */
  readonly command?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Keeps the measured process on one processor, if the machine has `taskset`. Moves between processors would disturb the times. */
const PIN = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : [];

/** Runs the probe and returns its numbers. The probe gets only the path from this process's environment. */
export async function measure<T>({ command = process.execPath, args, env = {} }: Probe): Promise<T> {
  const [program = command, ...rest] = [...PIN, command, ...args];
  const child = spawn(program, rest, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    cwd: runFolder('bench'),
  });
  const [numbers, complaints, code] = await Promise.all([
    text(child.stdio[3] as Readable),
    text(child.stderr as Readable),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${complaints.trim().slice(-1_000)}`);
  return JSON.parse(numbers) as T;
}

/** Measures each probe once a round, so that other work of the machine affects all of them alike. */
export async function interleave<T>(
  probes: Readonly<Record<string, () => Promise<T>>>,
  rounds = ROUNDS,
): Promise<Record<string, T[]>> {
  const results: Record<string, T[]> = Object.fromEntries(Object.keys(probes).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, probe] of Object.entries(probes)) results[name]?.push(await probe());
  }
  return results;
}
