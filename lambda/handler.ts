import { randomUUID } from 'node:crypto';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDbStore } from './aws/dynamodb-store';
import { dropLogSettings } from './aws/log-settings';
import { SecretsManagerReader } from './aws/secret-reader';
import { PowertoolsTelemetry } from './aws/telemetry';
import { clientOptions, DYNAMODB_TIMEOUTS, SECRETS_MANAGER_TIMEOUTS } from './aws/timeouts';
import { readEnvironment, required } from './environment';
import { FiskilClient } from './fiskil/client';
import { METRICS } from './metrics';
import { createService, type Service } from './service';

/** Node gives each address of a host only 250 ms. A throttled CPU alone can need that long. */
setDefaultAutoSelectFamilyAttemptTimeout(1_000);

/** Milliseconds. A first read takes about 30 here. A table that does not answer must not delay the first call. */
const WARM_UP_TIME = 500;

/** The function as deployed. Only this code chooses the dependencies. */
function wire(variables: NodeJS.ProcessEnv): { service: Service; warmUp(): Promise<unknown> } {
  dropLogSettings(variables);
  const { tableName, secretIds, tokenUrl } = readEnvironment(variables);
  const credentials = Object.keys(secretIds);
  const dynamodb = new DynamoDBClient(clientOptions(DYNAMODB_TIMEOUTS));
  const service = createService({
    store: new DynamoDbStore(dynamodb, tableName),
    secrets: new SecretsManagerReader(new SecretsManagerClient(clientOptions(SECRETS_MANAGER_TIMEOUTS)), secretIds),
    minter: new FiskilClient(tokenUrl, Date.now),
    clock: { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    chance: { number: Math.random, id: randomUUID },
    credentials,
    telemetry: new PowertoolsTelemetry(
      new Logger({ serviceName: 'fiskil-token-vending' }),
      new Metrics({ namespace: METRICS.namespace, serviceName: required(variables, 'AWS_LAMBDA_FUNCTION_NAME') }),
    ),
  });
  const impatient = new DynamoDbStore(dynamodb, tableName, { ...DYNAMODB_TIMEOUTS, call: WARM_UP_TIME });
  return { service, warmUp: () => impatient.read(credentials[0] ?? '') };
}

const { service, warmUp } = wire(process.env);

// While it starts, the function has a whole processor; during a call, with 512 MB, less than a third of one. So the start does the TLS handshake and
// the SDK's one-time work. The code drops the answer, because a call's answer must not be older than the call. If this read fails, the first call does
// that work, and finds out itself what is wrong with the table.
await warmUp().catch(() => undefined);

export const handler = service;
