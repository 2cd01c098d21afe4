import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { parsePair } from '../secret/parse-pair';
import { mintFailure, VendingError } from '../vending/errors';
import type { Pair, SecretReader, VersionedPair } from '../vending/types';
import { nameOf } from './error-name';
import { inTime, SECRETS_MANAGER_TIMEOUTS, type Timeouts } from './timeouts';

/** Reads pairs from Secrets Manager; one secret for each credential. */
export class SecretsManagerReader implements SecretReader {
  constructor(
    private readonly client: SecretsManagerClient,
    /** Credential → name or complete ARN of its secret. */
    private readonly secretIds: Readonly<Record<string, string>>,
    /** @default - what fits into a mint's budget */
    private readonly timeouts: Timeouts = SECRETS_MANAGER_TIMEOUTS,
  ) {}

  async current(credential: string): Promise<VersionedPair> {
    return this.read(credential, { VersionStage: 'AWSCURRENT' });
  }

  async version(credential: string, version: string): Promise<Pair> {
    return (await this.read(credential, { VersionId: version })).pair;
  }

  private async read(
    credential: string,
    which: { readonly VersionStage: string } | { readonly VersionId: string },
  ): Promise<VersionedPair> {
    const command = new GetSecretValueCommand({ SecretId: this.secretIds[credential], ...which });
    const {
      SecretString: text,
      VersionId: version = '',
      CreatedDate: created,
    } = await inTime(this.timeouts, (options) => this.client.send(command, options)).catch((error: unknown) => {
      throw translated(error);
    });
    return { pair: parsePair(text), version, ...(created && { createdAt: created.getTime() }) };
  }
}

function translated(error: unknown): VendingError {
  const name = nameOf(error);
  switch (name) {
    case 'ResourceNotFoundException':
      return new VendingError(
        'credential_not_configured',
        'The secret does not exist, or has no current value.',
        2,
        name,
      );
    case 'InvalidRequestException':
      return new VendingError('credential_not_configured', 'The secret is marked for deletion.', 2, name);
    default:
      return mintFailure('secret_unavailable', name);
  }
}
