import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { owner } from './aws';

/** The table of a deployed stack, as its owner sees it. */
export class DeployedTable {
  private readonly client: DynamoDBClient;

  constructor(
    endpoint: string,
    private readonly name: string,
  ) {
    this.client = new DynamoDBClient(owner(endpoint));
  }

  /** The record of a credential, with numbers as numbers. */
  async record(credential: string): Promise<Record<string, string | number | boolean | undefined> | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.name, Key: { credential: { S: credential } }, ConsistentRead: true }),
    );
    if (Item === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(Item).map(([name, { N, S, BOOL }]) => [name, N === undefined ? (S ?? BOOL) : Number(N)]),
    );
  }

  /** Moves a token's life into the past: what waiting for so many seconds would do. */
  async age(credential: string, seconds: number): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.name,
        Key: { credential: { S: credential } },
        UpdateExpression: 'ADD issued_at :past, expires_at :past, #ttl :past',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':past': { N: String(-seconds) } },
      }),
    );
  }
}
