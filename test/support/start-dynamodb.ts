import { type DynamoDbLocal, startDynamoDbLocal } from './dynamodb-local';

/** The variable that names DynamoDB Local's endpoint for store tests. */
export const DYNAMODB_ENDPOINT = 'TEST_DYNAMODB_ENDPOINT';

declare global {
  var dynamoDbLocal: DynamoDbLocal | undefined;
}

/** Jest's global setup of the project `store`. */
export default async function setup(): Promise<void> {
  globalThis.dynamoDbLocal = await startDynamoDbLocal();
  process.env[DYNAMODB_ENDPOINT] = globalThis.dynamoDbLocal.endpoint;
}
