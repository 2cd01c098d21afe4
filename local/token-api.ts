import { randomUUID } from 'node:crypto';
import { FiskilClient } from '../lambda/fiskil/client';
import { createService, type Service } from '../lambda/service';
import { MemoryStore } from '../lambda/vending/memory-store';
import type { Pair, SecretReader } from '../lambda/vending/types';
import { refuse } from '../lib/config-values';
import { STAND_IN_PAIR, startStandIn } from './fiskil-stand-in';
import { type Front, startFront } from './front';
import type { Settings } from './settings';
import type { SigningKey } from './signature';
import { TerminalTelemetry } from './telemetry';

/** The key pair that callers on this machine sign with. It is no secret: it opens nothing but a server on loopback. */
export const LOCAL_KEY: SigningKey = {
  accessKeyId: 'local',
  secretAccessKey: 'local-only',
  region: 'ap-southeast-2',
  service: 'execute-api',
};

/** Milliseconds: the schedule of the deployed tick. */
const TICK_EVERY = 60_000;

export interface TokenApi extends Front {
  /** The origin of the stand-in, if that is what mints: nothing else takes its tokens. */
  readonly standIn?: string;
}

/**
 * The deployed function's service behind a front that does API Gateway's part, with the record in memory.
 * @throws ConfigurationError with one sentence if the port cannot be had
 */
export async function startTokenApi({ port, fiskil }: Settings, print: (text: string) => void): Promise<TokenApi> {
  const standIn = fiskil ? undefined : await startStandIn();
  const telemetry = new TerminalTelemetry(print, Date.now);
  const service = createService({
    store: new MemoryStore(),
    secrets: onlyPair(fiskil?.pair ?? STAND_IN_PAIR),
    minter: new FiskilClient(fiskil?.tokenUrl ?? standIn?.url ?? '', Date.now),
    clock: { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    chance: { number: Math.random, id: randomUUID },
    credentials: ['default'],
    telemetry,
  });
  const front = await listen(port, service, telemetry).catch(async (error: unknown) => {
    await standIn?.stop();
    throw error;
  });
  const ticks = setInterval(() => {
    service({ source: 'aws.events', 'detail-type': 'Scheduled Event' }).catch((error: unknown) =>
      telemetry.fault(error),
    );
  }, TICK_EVERY);
  return {
    url: front.url,
    ...(standIn && { standIn: standIn.origin }),
    async stop() {
      clearInterval(ticks);
      await Promise.all([front.stop(), standIn?.stop()]);
    },
  };
}

async function listen(port: number, service: Service, telemetry: TerminalTelemetry): Promise<Front> {
  try {
    return await startFront(port, {
      vend: service,
      key: LOCAL_KEY,
      now: Date.now,
      requestId: randomUUID,
      onRefused: (code, id) => telemetry.refused(code, id),
      onFault: (error) => telemetry.fault(error),
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') refuse(`Port ${port} is in use: end what uses it, or choose another with --port.`);
    if (code === 'EACCES') refuse(`Port ${port} is not open to this user: choose one above 1023 with --port.`);
    throw error;
  }
}

/** A secret that never changes and has one version. */
function onlyPair(pair: Pair): SecretReader {
  return { current: async () => ({ pair, version: 'local' }), version: async () => pair };
}
