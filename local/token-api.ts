import { randomUUID } from 'node:crypto';
import { FiskilClient } from '../lambda/fiskil/client';
import { MemoryStore } from '../lambda/record/memory-store';
import { createService, type Service } from '../lambda/service';
import type { Pair, SecretReader } from '../lambda/vending/types';
import { refuse } from '../lib/config-values';
import { STAND_IN_PAIR, type StandIn, startStandIn } from './fiskil-stand-in';
import { type Front, type FrontDependencies, startFront } from './front';
import type { SigningKey } from './signature';
import type { StartOptions } from './start-options';
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

export interface LocalTokenApi extends Front {
  /** The stand-in, if it mints the tokens. They work only there. */
  readonly standIn?: StandIn;
}

/** The deployed function's service behind a local server that does API Gateway's work, with the record in memory.
 * @throws ConfigurationError with one sentence if the port is not available
 */
export async function startTokenApi(settings: StartOptions, print: (text: string) => void): Promise<LocalTokenApi> {
  const { host, port, fiskil } = settings;
  const listening = { port, ...(host !== undefined && { host }) };
  const standIn = fiskil
    ? undefined
    : await orRefused(startStandIn({ ...listening, port: 0, ...settings.standIn }), '--fiskil-port');
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
  const front = await orRefused(startFront(listening, gatewayOf(service, telemetry)), '--port').catch(
    async (error: unknown) => {
      await standIn?.stop();
      throw error;
    },
  );
  const ticks = setInterval(() => {
    service({ source: 'aws.events', 'detail-type': 'Scheduled Event' }).catch((error: unknown) =>
      telemetry.fault(error),
    );
  }, TICK_EVERY);
  return {
    url: front.url,
    ...(standIn && { standIn }),
    async stop() {
      clearInterval(ticks);
      await Promise.all([front.stop(), standIn?.stop()]);
    },
  };
}

function gatewayOf(service: Service, telemetry: TerminalTelemetry): FrontDependencies {
  return {
    vend: service,
    key: LOCAL_KEY,
    now: Date.now,
    requestId: randomUUID,
    onRefused: (code, id) => telemetry.refused(code, id),
    onFault: (error) => telemetry.fault(error),
  };
}

/** Explains to a person why a server cannot listen. @param option the option for the port */
async function orRefused<T>(starting: Promise<T>, option: string): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      refuse(`The port of ${option} is in use: stop the program that uses it, or choose another port with ${option}.`);
    }
    if (code === 'EACCES') {
      refuse(`The port of ${option} is not open to this user: choose one above 1023 with ${option}.`);
    }
    if (code === 'EADDRNOTAVAIL') {
      refuse('--host is not an address of this machine: 0.0.0.0 stands for all its addresses.');
    }
    throw error;
  }
}

/** A secret that never changes and has one version. */
function onlyPair(pair: Pair): SecretReader {
  return { current: async () => ({ pair, version: 'local' }), version: async () => pair };
}
