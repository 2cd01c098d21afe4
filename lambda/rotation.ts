import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { Logger } from '@aws-lambda-powertools/logger';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { dropLogSettings } from './aws/log-settings';
import { SecretsManagerVersions } from './aws/secret-versions';
import { rotationTelemetry } from './aws/telemetry';
import { clientOptions, SECRETS_MANAGER_TIMEOUTS } from './aws/timeouts';
import { requiredTokenUrl } from './environment';
import { FiskilClient } from './fiskil/client';
import { createRotation } from './rotation/function';

setDefaultAutoSelectFamilyAttemptTimeout(1_000);

/** The rotation function as deployed. Only this code chooses its dependencies. */
function wire(variables: NodeJS.ProcessEnv): (event: unknown) => Promise<void> {
  dropLogSettings(variables);
  return createRotation(
    {
      versions: new SecretsManagerVersions(new SecretsManagerClient(clientOptions(SECRETS_MANAGER_TIMEOUTS))),
      minter: new FiskilClient(requiredTokenUrl(variables), Date.now),
    },
    rotationTelemetry(new Logger({ serviceName: 'fiskil-token-vending' })),
  );
}

export const handler = wire(process.env);
