import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { lifeLeft, mintAndPut, readCached } from './plain-cache';
import type { Strategy } from './strategy';

/** Milliseconds. A token with less left is replaced before it is given out. */
const MARGIN = 60_000;

/** Milliseconds after which a lock whose holder has died may be taken. */
const LOCK_TIME = 18_000;

/** Milliseconds between two looks at the lock. Lock clients look every second or so; this favours the baseline. */
const POLL = 100;

const LOCK = { credential: { S: 'lock' } };

/**
 * Baseline 3, a lock item with a time to live. As the AWS lock client does it, a lock is read before it is tried for; better than
 * most uses of one, everybody looks at the token again before each try, so that those who waited don't take the lock in turn.
 */
export const dynamodbLock: Strategy = {
  name: 'lock, 60 s margin',
  turnover: MARGIN / 1_000,
  async call(doors) {
    const { client, tableName, clock } = doors;
    for (;;) {
      const cached = await readCached(client, tableName);
      if (cached && lifeLeft(cached, clock) > MARGIN) return cached.token;
      if (await lock(client, tableName, clock.now())) break;
      await clock.sleep(POLL);
    }
    // Somebody may have minted between the look at the token and the lock.
    const cached = await readCached(client, tableName);
    const token = cached && lifeLeft(cached, clock) > MARGIN ? cached.token : await mintAndPut(doors);
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: LOCK }));
    return token;
  },
};

async function lock(client: DynamoDBClient, tableName: string, now: number): Promise<boolean> {
  const read = new GetItemCommand({ TableName: tableName, Key: LOCK, ConsistentRead: true });
  const { Item: held } = await client.send(read);
  if (held && Number(held.until_ms?.N) > now) return false;
  try {
    const take = {
      TableName: tableName,
      Item: { ...LOCK, until_ms: { N: String(now + LOCK_TIME) } },
      ConditionExpression: 'attribute_not_exists(credential) OR until_ms < :now',
      ExpressionAttributeValues: { ':now': { N: String(now) } },
    };
    await client.send(new PutItemCommand(take));
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return false;
  }
}
