import { Duration } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { bundledFunction } from './bundled-function';
import type { CredentialSecret } from './credential-secret';
import type { KeptLogs } from './kept-log-group';
import { vendingVariables } from './limits';
import { grantOnSecrets, READ } from './secret-grants';
import type { TokenTable } from './token-table';

export interface VendingFunctionProps {
  readonly table: TokenTable;
  /** Credential name → its secret. */
  readonly secrets: Readonly<Record<string, CredentialSecret>>;
  /** The URL that mints tokens. */
  readonly tokenUrl: string;
  readonly logs: KeptLogs;
}

/** The vending function, with the only role that may use the table. */
export class VendingFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: VendingFunctionProps) {
    super(scope, id);
    const secretIds = Object.fromEntries(
      Object.entries(props.secrets).map(([credential, secret]) => [credential, secret.secretId]),
    );
    const { function: lambda, role } = bundledFunction(this, {
      entry: 'handler.ts',
      description: 'Gives short-lived Fiskil tokens to callers, and refreshes tokens in use.',
      roleDescription: 'Allows the function to read the Fiskil secrets and to use the token table.',
      // More than the 22 s that a request may take, less than the gateway's 29 s.
      timeout: Duration.seconds(25),
      logs: props.logs,
      environment: vendingVariables({ secretIds, tokenUrl: props.tokenUrl }, props.table.table.tableName),
    });
    this.function = lambda;
    this.role = role;
    props.table.grantUse(role);
    const secrets = Object.values(props.secrets);
    grantOnSecrets(role, secrets, READ);
    for (const secret of secrets) {
      // The function finds the secrets by name. So only this dependency tells CloudFormation to make them first.
      this.function.node.addDependency(secret);
    }
  }
}
