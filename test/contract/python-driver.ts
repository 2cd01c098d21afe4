import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { callersPython, ROOT } from '../support/toolbox';
import type { Driver, Outcome } from './driver';

/** The Python client in a process of its own, which gets one command a line. */
export function pythonDriver(): Driver {
  const child = spawn(callersPython(), ['-W', 'error', join(__dirname, 'driver.py')], {
    cwd: join(ROOT, 'docs', 'callers', 'python'),
    // It must not use this machine's AWS configuration.
    env: {
      PATH: process.env.PATH,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  createInterface(child.stdout).on('line', (line) => {
    const { id, value } = JSON.parse(line) as { id: number; value: unknown };
    waiting.get(id)?.resolve(value);
    waiting.delete(id);
  });
  const exited = once(child, 'exit').then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the Python driver has ended'));
  });
  let last = 0;
  const ask = (what: string, value?: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      child.stdin.write(`${JSON.stringify({ id, what, value })}\n`);
    });
  return {
    open: async (env) => void (await ask('open', env)),
    call: async (call) => (await ask('call', call)) as Outcome[],
    move: async (seconds) => void (await ask('move', seconds)),
    wall: async (seconds) => void (await ask('wall', seconds)),
    settle: async () => void (await ask('settle')),
    waiting: async () => (await ask('waiting')) as number,
    spent: async () => (await ask('spent')) as number,
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
