import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDbStore } from '../../lambda/aws/dynamodb-store';
import { createTable } from './create-table';
import { DYNAMODB_ENDPOINT } from './start-dynamodb';

/** What lies between the store and the table. */
export interface Line {
  /** Loses the next answers on their way back: the write is done, and the one who wrote does not know. */
  loseNext(answers: number): void;
}

export interface LocalTable {
  readonly store: DynamoDbStore;
  readonly line: Line;
  /** The item as it is, for what no store shows. */
  item(credential: string): Promise<Record<string, AttributeValue> | undefined>;
  /** Lays an item there as it is, whatever it holds. */
  put(item: Record<string, AttributeValue>): Promise<void>;
  remove(credential: string): Promise<void>;
  close(): void;
}

/** A table of its own in DynamoDB Local. */
export async function openLocalTable(): Promise<LocalTable> {
  const endpoint = process.env[DYNAMODB_ENDPOINT];
  if (endpoint === undefined)
    throw new Error(`${DYNAMODB_ENDPOINT} is not set: run this as a test of the project store`);
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 2,
    // A thousand requests wait for fifty sockets, and the SDK would say so.
    requestHandler: { socketAcquisitionWarningTimeout: 60_000 },
  });
  const name = `tokens-${randomUUID()}`;
  await createTable(client, name);
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.05 }, { TableName: name });
  let toLose = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      if (toLose > 0) {
        toLose -= 1;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      }
      return answer;
    },
    // Below the retries, so that the SDK sends the lost one again.
    { step: 'finalizeRequest', priority: 'low', name: 'line' },
  );
  const key = (credential: string) => ({ TableName: name, Key: { credential: { S: credential } } });
  return {
    // A thousand requests at once wait for each other on one machine; time limits have tests of their own.
    store: new DynamoDbStore(client, name, { attempt: 30_000, call: 30_000 }),
    line: {
      loseNext: (answers) => {
        toLose = answers;
      },
    },
    item: async (credential) =>
      (await client.send(new GetItemCommand({ ...key(credential), ConsistentRead: true }))).Item,
    put: async (item) => void (await client.send(new PutItemCommand({ TableName: name, Item: item }))),
    remove: async (credential) => void (await client.send(new DeleteItemCommand(key(credential)))),
    close: () => client.destroy(),
  };
}
