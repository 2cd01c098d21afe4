/** The two SDK clients with the commands that the function uses, and nothing else. */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const dynamodb = new DynamoDBClient({});
const secrets = new SecretsManagerClient({});

export const handler = async ({ read, write, secret }) => {
  try {
    await dynamodb.send(new GetItemCommand(read));
    await dynamodb.send(new UpdateItemCommand(write));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
  return secrets.send(new GetSecretValueCommand(secret));
};
