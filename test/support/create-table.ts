import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Makes a table with the key of the deployed one. */
export async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'credential', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'credential', AttributeType: 'S' }],
    }),
  );
}
