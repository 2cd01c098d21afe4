import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDbStore } from '../../lambda/aws/dynamodb-store';
import { SecretsManagerReader } from '../../lambda/aws/secret-reader';
import { clientOptions, type Timeouts } from '../../lambda/aws/timeouts';
import { startHttpServer } from '../support/http-server';

/** Longer than any answer on loopback takes, even on a busy machine. */
export const AMPLE: Timeouts = { attempt: 5_000, call: 10_000 };

/** Only one attempt. After a throttle, the SDK waits for up to a second before the second one. */
export const ONCE = { maxAttempts: 1 };

/** A tenth of the table's timeouts, so that a test of a server that hangs is short. */
export const SHORT: Timeouts = { attempt: 90, call: 200 };

/** How much later a call may end on a busy machine. A call to a server that hangs takes much longer if its limit fails. */
export const SLACK_MS = 6_000;

const options = (endpoint: string, timeouts: Timeouts) => ({
  ...clientOptions(timeouts),
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIALOCAL', secretAccessKey: 'local' },
});

/** The real store with the real SDK client, connected to any server. */
export function storeAt(endpoint: string, timeouts: Timeouts = AMPLE, more = {}): DynamoDbStore {
  return new DynamoDbStore(new DynamoDBClient({ ...options(endpoint, timeouts), ...more }), 'tokens', timeouts);
}

/** The real reader with the real SDK client, connected to any server. The secret's name is `fiskil/default`. */
export function readerAt(endpoint: string, timeouts: Timeouts = AMPLE, more = {}): SecretsManagerReader {
  const client = new SecretsManagerClient({ ...options(endpoint, timeouts), ...more });
  return new SecretsManagerReader(client, { default: 'fiskil/default' }, timeouts);
}

const servers: { stop(): Promise<void> }[] = [];

/** Makes `stopAll` stop this server too. */
export function started<T extends { stop(): Promise<void> }>(server: T): T {
  servers.push(server);
  return server;
}

export async function stopAll(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
}

/** An AWS service that gives this answer to every request. */
export async function answering(status: number, answer: object) {
  const server = await startHttpServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
  });
  return started(server);
}
