import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failure, freePort, startServer } from './processes';
import { dynamoDbLocalFolder } from './toolbox';
import { until } from './until';

export interface DynamoDbLocal {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Ready in 2 to 4 s on 2 cores; the rest is for a busy machine. */
const READY_MS = 60_000;

/** Starts DynamoDB Local in memory, with one database for all keys and regions. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const lib = join(dynamoDbLocalFolder(), 'lib');
  const release = readdirSync(lib).find((name) => name.startsWith('dynamodb_local_'));
  if (release === undefined) throw new Error(`no DynamoDB Local in ${lib}`);
  const folder = join(lib, release);
  const port = await freePort();
  const java = startServer({
    name: 'dynamodb-local',
    command: 'java',
    args: [
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(folder, 'DynamoDBLocal.jar')],
      ...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
    ],
    env: { PATH: process.env.PATH, JAVA_HOME: process.env.JAVA_HOME, HOME: process.env.HOME },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await until('DynamoDB Local', READY_MS, async () => {
      if (java.hasEnded()) throw new Error('DynamoDB Local ended before it was ready');
      // Any answer will do: an unsigned request gets a 400.
      return fetch(endpoint).catch(() => undefined);
    });
  } catch (error) {
    await java.stop();
    throw failure((error as Error).message, java);
  }
  return { endpoint, stop: java.stop };
}
