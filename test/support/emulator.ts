import { rmSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { failure, freePort, startServer } from './processes';
import { ministackPython, node24Program, runFolder } from './toolbox';
import { until } from './until';

export interface Emulator {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Where the deployed stacks live: the region that the README advises, so that no other one is taken for granted. */
export const REGION = 'ap-southeast-2';
export const ACCOUNT = '000000000000';

/** The emulator's root key. It opens nothing outside that process. */
export const ROOT_KEY = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Ready in about 2 s on 2 cores; the rest is for a busy machine. */
const READY_MS = 60_000;

/** Starts MiniStack on loopback: it verifies signatures and policies, and runs functions with Node 24. */
export async function startEmulator(): Promise<Emulator> {
  const port = await freePort();
  const scratch = runFolder('emulator');
  const ministack = startServer({
    name: 'ministack',
    command: ministackPython(),
    args: ['-m', 'ministack'],
    env: {
      PATH: [dirname(node24Program()), process.env.PATH].join(delimiter),
      HOME: scratch,
      TMPDIR: scratch,
      AUTH: 'true',
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: REGION,
      LAMBDA_EXECUTOR: 'local',
      IOT_MTLS_ENABLED: '0',
    },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await ministack.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    await until('the AWS emulator', READY_MS, async () => {
      if (ministack.hasEnded()) throw new Error('the AWS emulator ended before it was ready');
      const health = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
      return health?.ok ? true : undefined;
    });
  } catch (error) {
    await stop();
    throw failure((error as Error).message, ministack);
  }
  return { endpoint, stop };
}
