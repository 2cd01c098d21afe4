import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ENVIRONMENT } from '../lambda/environment';
import { createTable } from '../test/support/create-table';

export const TABLE = 'tokens';

/** The environment of the function's process, as on Lambda. The keys are not real. */
export function functionEnvironment(endpoint: string, credentials: readonly string[]): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_SESSION_TOKEN: 'x'.repeat(800),
    AWS_LAMBDA_FUNCTION_NAME: 'bench',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    [ENVIRONMENT.tableName]: TABLE,
    [ENVIRONMENT.secretIds]: JSON.stringify(Object.fromEntries(credentials.map((name) => [name, `fiskil/${name}`]))),
    // Nothing listens there, because no measured call mints.
    [ENVIRONMENT.tokenUrl]: 'http://127.0.0.1:9/v1/token',
  };
}

/** Makes the table. Each credential has a token that lives until the benches end. */
export async function fillTable(endpoint: string, credentials: readonly string[]): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler: { socketAcquisitionWarningTimeout: 60_000 },
  });
  await createTable(client, TABLE);
  const now = Math.floor(Date.now() / 1_000);
  await Promise.all(
    credentials.map((credential) => {
      const Item = {
        credential: { S: credential },
        // As long as Fiskil's tokens.
        token: { S: 'x'.repeat(850) },
        token_id: { S: 'bench' },
        client_id: { S: 'bench' },
        secret_version: { S: 'bench' },
        issued_at: { N: String(now) },
        expires_at: { N: String(now + 3_600) },
        ttl: { N: String(now + 3_600) },
        vended: { BOOL: true },
      };
      return client.send(new PutItemCommand({ TableName: TABLE, Item }));
    }),
  );
  client.destroy();
}
