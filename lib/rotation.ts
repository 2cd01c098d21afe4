import { Duration, Stack } from 'aws-cdk-lib';
import { type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../lambda/environment';
import { bundledFunction } from './bundled-function';
import type { CredentialSecret } from './credential-secret';
import { pascalCase } from './credentials';
import type { KeptLogs } from './kept-log-group';
import { grantOnSecrets, ROTATE } from './secret-grants';

export interface RotationProps {
  /** Credential name → its secret. */
  readonly secrets: Readonly<Record<string, CredentialSecret>>;
  /** Where a staged pair is tested. */
  readonly tokenUrl: string;
  readonly logs: KeptLogs;
}

/**
 * What is behind the console's button "Rotate secret immediately": one function for the secrets of all credentials.
 * The L2 `RotationSchedule` is left alone: it adds a policy to the secret, `GetRandomPassword` on every resource, and a
 * permission that any account's Secrets Manager could use.
 */
export class Rotation extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: RotationProps) {
    super(scope, id);
    const { function: lambda, role } = bundledFunction(this, {
      entry: 'rotation.ts',
      description: 'Tests a staged Fiskil key pair and makes it current.',
      roleDescription: 'Allows the function to read the Fiskil secrets and to make new versions of them current.',
      // Six calls of Secrets Manager at 3 s and a mint at 13 s come to 31 s at worst.
      timeout: Duration.seconds(35),
      logs: props.logs,
      environment: { [ENVIRONMENT.tokenUrl]: props.tokenUrl },
    });
    this.function = lambda;
    this.role = role;
    this.function.addPermission('SecretsManager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
    });

    grantOnSecrets(role, Object.values(props.secrets), ROTATE);
    for (const [credential, secret] of Object.entries(props.secrets)) {
      const schedule = new CfnRotationSchedule(this, `Schedule${pascalCase(credential)}`, {
        secretId: secret.resourceId,
        rotationLambdaArn: this.function.functionArn,
        // On demand only, so no rules: a scheduled run would find nothing staged and fail.
        rotateImmediatelyOnUpdate: false,
      });
      // When it is made, Secrets Manager tries the function: by the permission, and with what the role may do by then.
      schedule.node.addDependency(this.function, role);
    }
  }
}
