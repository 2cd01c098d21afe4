import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDbStore } from '../../lambda/aws/dynamodb-store';
import { SecretsManagerReader } from '../../lambda/aws/secret-reader';
import { clientOptions, type Timeouts } from '../../lambda/aws/timeouts';

/** More than a busy machine needs for an answer on loopback, and than the SDK waits where it is throttled. */
const AMPLE: Timeouts = { attempt: 5_000, call: 10_000 };

/** A tenth of the table's own, so that a test of a server that hangs is short; the proportions are the same. */
export const SHORT: Timeouts = { attempt: 90, call: 200 };

/** What a busy machine may add. Without its limit a call to a server that hangs would never end. */
export const SLACK_MS = 1_000;

const options = (endpoint: string, timeouts: Timeouts) => ({
  ...clientOptions(timeouts),
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIALOCAL', secretAccessKey: 'local' },
});

/** The real store with the real SDK client, at any server. */
export function storeAt(endpoint: string, timeouts: Timeouts = AMPLE): DynamoDbStore {
  return new DynamoDbStore(new DynamoDBClient(options(endpoint, timeouts)), 'tokens', timeouts);
}

/** The real reader with the real SDK client, at any server; the secret is called `fiskil/default`. */
export function readerAt(endpoint: string, timeouts: Timeouts = AMPLE): SecretsManagerReader {
  const client = new SecretsManagerClient(options(endpoint, timeouts));
  return new SecretsManagerReader(client, { default: 'fiskil/default' }, timeouts);
}
