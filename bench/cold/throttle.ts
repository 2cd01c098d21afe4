import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Microseconds. Lambda's own period is 20 ms; of it a function of 512 MB has 29 %: 512 of the 1,769 MB that make a whole processor. */
const PERIOD = 20_000;
const QUOTA = Math.round((PERIOD * 512) / 1_769);

export interface Throttle {
  /** A process that writes its id here is throttled from then on. */
  readonly file: string;
  stop(): void;
}

/** A Linux control group with as much of a processor as a call of a 512 MB function has; undefined where this user may make none. */
export function throttle(): Throttle | undefined {
  for (const root of ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup']) {
    const folder = join(root, `fiskil-bench-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    const stop = () => rmdirSync(folder);
    try {
      if (root.endsWith('cpu')) {
        writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD));
        writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(QUOTA));
      } else {
        writeFileSync(join(folder, 'cpu.max'), `${QUOTA} ${PERIOD}`);
      }
      return { file: join(folder, 'cgroup.procs'), stop };
    } catch {
      stop();
    }
  }
  return undefined;
}
