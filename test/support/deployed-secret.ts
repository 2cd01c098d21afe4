import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { owner } from './aws';

/** A secret in the emulator, as its owner sees it. */
export class DeployedSecret {
  readonly client: SecretsManagerClient;

  constructor(
    endpoint: string,
    readonly name: string,
  ) {
    this.client = new SecretsManagerClient(owner(endpoint));
  }

  /** Makes a secret of its own. */
  static async create(endpoint: string, text: string): Promise<DeployedSecret> {
    const secret = new DeployedSecret(endpoint, `test-${randomUUID()}`);
    await secret.client.send(new CreateSecretCommand({ Name: secret.name, SecretString: text }));
    return secret;
  }

  /** What saving in the console does. Answers the new version's id. */
  async edit(text: string): Promise<string> {
    const { VersionId = '' } = await this.client.send(
      new PutSecretValueCommand({ SecretId: this.name, SecretString: text }),
    );
    return VersionId;
  }

  /** What "Rotate secret immediately" does first. (The emulator's RotateSecret does something else.) */
  async begin(token: string): Promise<void> {
    await this.client.send(
      new PutSecretValueCommand({ SecretId: this.name, ClientRequestToken: token, VersionStages: ['AWSPENDING'] }),
    );
  }

  /** What the rotation schedule does. The emulator also makes a copy of the current version the current one. */
  async switchRotationOn(): Promise<void> {
    const RotationLambdaARN = 'arn:aws:lambda:ap-southeast-2:000000000000:function:any';
    await this.client.send(new RotateSecretCommand({ SecretId: this.name, RotationLambdaARN }));
  }

  async arn(): Promise<string> {
    return (await this.client.send(new DescribeSecretCommand({ SecretId: this.name }))).ARN ?? '';
  }

  /** The version that has a label. */
  async labelled(label: string): Promise<string | undefined> {
    const { VersionIdsToStages: labels = {} } = await this.client.send(
      new DescribeSecretCommand({ SecretId: this.name }),
    );
    return Object.keys(labels).find((version) => labels[version]?.includes(label));
  }
}
