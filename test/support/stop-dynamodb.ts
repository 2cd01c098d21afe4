import './start-dynamodb';

/** Jest's global teardown of the project `store`. */
export default async function teardown(): Promise<void> {
  await globalThis.dynamoDbLocal?.stop();
}
