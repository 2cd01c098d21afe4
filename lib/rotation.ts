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
  /** The URL that mints. A mint is the test of a staged pair. */
  readonly tokenUrl: string;
  readonly logs: KeptLogs;
}

/** The function behind the console's button "Rotate secret immediately", for the secrets of all credentials. It does not use the L2 `RotationSchedule`,
 * which adds a policy to the secret, `GetRandomPassword` on every resource, and a permission that any account's Secrets Manager could use.
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
      // At worst six calls of Secrets Manager at 3 s and a mint at 13 s: 31 s.
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
        // On demand only, so no rules. A scheduled run would find nothing staged and fail.
        rotateImmediatelyOnUpdate: false,
      });
      // Secrets Manager tests the function when the schedule is made, so the permission and the role must exist before.
      schedule.node.addDependency(this.function, role);
    }
  }
}
