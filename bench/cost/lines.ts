import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { PowertoolsTelemetry } from '../../lambda/aws/telemetry';
import { METRICS } from '../../lambda/metrics';
import { MemoryStore } from '../../lambda/record/memory-store';
import { createService } from '../../lambda/service';

/** The bytes that the function logs for each kind of invocation, and the number of its metrics. */
export interface Lines {
  readonly vend: number;
  readonly tick: number;
  /** A tick that mints. */
  readonly mintingTick: number;
  /** Custom metrics in use while nothing fails. Their number does not depend on the number of credentials. */
  readonly metrics: number;
  /** The number of these in use while nobody asks for a token. */
  readonly idleMetrics: number;
}

const REQUEST_ID = '2f1c3a9e-6f0b-4a7e-9b1d-0c7c2a7f1e55';

/** Lambda's own three lines of an invocation (AWS documentation, "Log and monitor Node.js functions"). */
const PLATFORM = [
  `START RequestId: ${REQUEST_ID} Version: $LATEST`,
  `END RequestId: ${REQUEST_ID}`,
  `REPORT RequestId: ${REQUEST_ID}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 512 MB\tMax Memory Used: 100 MB\t`,
].join('\n').length;

/** A workload's call. The names are as long as those that CDK makes. */
export const CALLER = {
  userArn:
    'arn:aws:sts::123456789012:assumed-role/Energy-ListAccountsServiceRole1A2B3C4D-AbCdEfGhIjKl/Energy-ListAccounts1A2B3C4D-MnOpQrStUvWx',
  accountId: '123456789012',
  sourceIp: '203.0.113.24',
};

const VEND = {
  httpMethod: 'GET',
  path: '/tokens/default',
  requestContext: { identity: CALLER, requestId: REQUEST_ID },
};
const TICK = { source: 'aws.events', 'detail-type': 'Scheduled Event' };

/** Runs the service with the deployed telemetry, and counts what it writes. */
export async function measureLines(): Promise<Lines> {
  let now = Date.now();
  let tokens = 0;
  const service = createService({
    store: new MemoryStore(),
    secrets: {
      current: async () => ({
        pair: { clientId: 'c', clientSecret: 's' },
        version: REQUEST_ID,
        createdAt: now - 86_400_000,
      }),
      version: async () => ({ clientId: 'c', clientSecret: 's' }),
    },
    minter: { mint: async () => ({ token: `token-${++tokens}`, expiresIn: 900 }) },
    clock: { now: () => now, sleep: async () => undefined },
    chance: { number: Math.random, id: () => REQUEST_ID },
    credentials: ['default'],
    telemetry: new PowertoolsTelemetry(
      new Logger({ serviceName: 'fiskil-token-vending' }),
      new Metrics({
        namespace: METRICS.namespace,
        serviceName: 'FiskilTokenVending-VendFunction1A2B3C4D-AbCdEfGhIjKl',
      }),
    ),
  });
  const run = (event: object) => written(() => service(event));
  const minted = await run(VEND);
  const vend = await run(VEND);
  now += 11_000;
  const read = await run(VEND);
  const tick = await run(TICK);
  now += 650_000;
  const mintingTick = await run(TICK);
  const all = [minted, vend, read, tick, mintingTick].join('');
  const bytes = (text: string) => PLATFORM + Buffer.byteLength(text);
  return {
    vend: bytes(vend),
    tick: bytes(tick),
    mintingTick: bytes(mintingTick),
    metrics: metricNames(all).size,
    idleMetrics: metricNames(tick).size,
  };
}

/** What the operation writes to standard output. */
async function written(operation: () => Promise<unknown>): Promise<string> {
  let text = '';
  const { write } = process.stdout;
  process.stdout.write = (chunk: string | Uint8Array) => {
    text += chunk;
    return true;
  };
  try {
    await operation();
  } finally {
    process.stdout.write = write;
  }
  return text;
}

function metricNames(lines: string): ReadonlySet<string> {
  interface Emf {
    readonly _aws?: {
      readonly CloudWatchMetrics: readonly { readonly Metrics: readonly { readonly Name: string }[] }[];
    };
  }
  const parsed = lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Emf);
  const metrics = parsed.flatMap((line) => line._aws?.CloudWatchMetrics ?? []).flatMap(({ Metrics }) => Metrics);
  return new Set(metrics.map(({ Name }) => Name));
}
