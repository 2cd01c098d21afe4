import { format } from 'node:util';
import { jest } from '@jest/globals';

/** Runs something, and gives what it wrote to the process's output by any way: a stream, or a console. */
export async function outputOf(run: () => Promise<unknown>): Promise<string> {
  let written = '';
  const spies = [
    ...[process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation((bytes) => {
        written += String(bytes);
        return true;
      }),
    ),
    ...(['debug', 'error', 'info', 'log', 'trace', 'warn'] as const).map((method) =>
      jest.spyOn(console, method).mockImplementation((...words) => {
        written += `${format(...words)}\n`;
      }),
    ),
  ];
  try {
    await run();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return written;
}
