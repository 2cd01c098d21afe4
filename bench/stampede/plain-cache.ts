import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../lambda/vending/types';
import type { Doors, Strategy } from './strategy';

/** A token as the baselines keep it. */
export interface Cached {
  readonly token: string;
  /** Epoch seconds, as DynamoDB's TTL wants them. */
  readonly expiresAt: number;
  /** How long its mint took, milliseconds. */
  readonly took: number;
}

/** Baseline 1, what most people write: read the table; if the token has expired, mint and put. */
export const plainCache: Strategy = {
  name: 'plain cache',
  turnover: 0,
  async call(doors) {
    const { client, tableName, clock } = doors;
    const cached = await readCached(client, tableName);
    if (cached && lifeLeft(cached, clock) > 0) return cached.token;
    return mintAndPut(doors);
  },
};

/** Milliseconds. */
export function lifeLeft(cached: Cached, clock: Clock): number {
  return cached.expiresAt * 1_000 - clock.now();
}

/** Every baseline mints in this way. */
export async function mintAndPut({ client, tableName, clock, mint }: Doors): Promise<string> {
  const sentAt = clock.now();
  const { token, expiresIn } = await mint();
  const item = {
    credential: { S: 'default' },
    token: { S: token },
    expires_at: { N: String(Math.floor(sentAt / 1_000) + expiresIn) },
    took: { N: String(clock.now() - sentAt) },
  };
  await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
  return token;
}

export async function readCached(client: DynamoDBClient, tableName: string): Promise<Cached | undefined> {
  const { Item: item } = await client.send(
    new GetItemCommand({ TableName: tableName, Key: { credential: { S: 'default' } }, ConsistentRead: true }),
  );
  return item && { token: item.token?.S ?? '', expiresAt: Number(item.expires_at?.N), took: Number(item.took?.N) };
}
