import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { RotationAbandoned, RotationFailure } from '../rotation/failure';
import type { SecretDescription, SecretValue, SecretVersions } from '../rotation/steps';
import { nameOf } from './error-name';
import { inTime, SECRETS_MANAGER_TIMEOUTS, type Send } from './timeouts';

/** A secret's versions in Secrets Manager. SDK errors become `RotationFailure`, because they can contain the request. */
export class SecretsManagerVersions implements SecretVersions {
  constructor(private readonly client: SecretsManagerClient) {}

  async describe(secretId: string): Promise<SecretDescription> {
    const command = new DescribeSecretCommand({ SecretId: secretId });
    const secret = await send((options) => this.client.send(command, options)).catch(fail);
    return {
      name: secret.Name ?? secretId,
      // AWS's own rotation functions continue unless rotation is explicitly off.
      isRotationEnabled: secret.RotationEnabled !== false,
      labels: secret.VersionIdsToStages ?? {},
    };
  }

  async read(secretId: string, version: string): Promise<SecretValue | undefined> {
    const command = new GetSecretValueCommand({ SecretId: secretId, VersionId: version });
    const answer = await send((options) => this.client.send(command, options)).catch((error: unknown) => {
      // A pending version has no value before `createSecret`.
      return nameOf(error) === 'ResourceNotFoundException' ? undefined : fail(error);
    });
    const { SecretString: text, SecretBinary: bytes } = answer ?? {};
    return text === undefined ? bytes && {} : { text };
  }

  async fill(secretId: string, version: string, text: string): Promise<void> {
    const command = new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: version,
      SecretString: text,
      VersionStages: ['AWSPENDING'],
    });
    await send((options) => this.client.send(command, options)).catch((error: unknown) => {
      if (nameOf(error) !== 'ResourceExistsException') {
        fail(error);
      }
    });
  }

  async promote(secretId: string, version: string, from: string): Promise<void> {
    const command = new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: version,
      RemoveFromVersionId: from,
    });
    await send((options) => this.client.send(command, options)).catch(async (error: unknown) => {
      if (nameOf(error) !== 'InvalidParameterException') {
        fail(error);
      }
      // AWSCURRENT is no longer on `from`. Either somebody edited the secret, or the SDK repeated this call after its answer was
      // lost.
      const { labels } = await this.describe(secretId);
      const isOn = (id: string) => labels[id]?.includes('AWSCURRENT');
      if (isOn(from)) {
        // This contradicts the refusal, so this answer is older than the refusal. A repeat finds out.
        fail(error);
      }
      if (!isOn(version)) {
        throw new RotationAbandoned();
      }
    });
  }

  async giveUp(secretId: string, version: string): Promise<void> {
    const command = new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: version,
    });
    await send((options) => this.client.send(command, options)).catch((error: unknown) => {
      if (nameOf(error) !== 'InvalidParameterException') {
        fail(error);
      }
    });
  }
}

function send<T>(operation: Send<T>): Promise<T> {
  return inTime(SECRETS_MANAGER_TIMEOUTS, operation);
}

function fail(error: unknown): never {
  throw new RotationFailure(
    `Secrets Manager, or the key of the secret, refused or did not answer (${nameOf(error)}). The live pair is unchanged; press "Rotate secret immediately" again.`,
    'passing',
  );
}
