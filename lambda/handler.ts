import { randomUUID } from 'node:crypto';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDbStore } from './aws/dynamodb-store';
import { SecretsManagerReader } from './aws/secret-reader';
import { PowertoolsTelemetry } from './aws/telemetry';
import { clientOptions, DYNAMODB_TIMEOUTS, SECRETS_MANAGER_TIMEOUTS } from './aws/timeouts';
import { readEnvironment, required } from './environment';
import { FiskilClient } from './fiskil/client';
import { METRICS } from './metrics';
import { createService, type Service } from './service';

/** Node gives each address of a host 250 ms only, which a throttled CPU can need by itself. */
setDefaultAutoSelectFamilyAttemptTimeout(1_000);

/** The function as it is deployed: the only place where the doors are chosen. */
function wire(variables: NodeJS.ProcessEnv): Service {
  const { tableName, secretIds, tokenUrl } = readEnvironment(variables);
  return createService({
    store: new DynamoDbStore(new DynamoDBClient(clientOptions(DYNAMODB_TIMEOUTS)), tableName),
    secrets: new SecretsManagerReader(new SecretsManagerClient(clientOptions(SECRETS_MANAGER_TIMEOUTS)), secretIds),
    minter: new FiskilClient(tokenUrl, Date.now),
    clock: { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    chance: { number: Math.random, id: randomUUID },
    credentials: Object.keys(secretIds),
    telemetry: new PowertoolsTelemetry(
      new Logger({ serviceName: 'fiskil-token-vending' }),
      new Metrics({ namespace: METRICS.namespace, serviceName: required(variables, 'AWS_LAMBDA_FUNCTION_NAME') }),
    ),
  });
}

export const handler = wire(process.env);
