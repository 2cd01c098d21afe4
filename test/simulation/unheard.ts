import { runInThisContext } from 'node:vm';

/** Jest gives tests a copy of `process`, to which Node reports nothing. */
const realProcess = runInThisContext('process') as NodeJS.Process;

/** Runs something, and is told instead of everybody else of each promise that is rejected unheard. */
export async function hearing(onUnheard: (reason: unknown) => void, run: () => Promise<void>): Promise<void> {
  const others = realProcess.listeners('unhandledRejection');
  realProcess.removeAllListeners('unhandledRejection');
  realProcess.on('unhandledRejection', onUnheard);
  try {
    await run();
  } finally {
    realProcess.off('unhandledRejection', onUnheard);
    for (const other of others) {
      realProcess.on('unhandledRejection', other);
    }
  }
}
