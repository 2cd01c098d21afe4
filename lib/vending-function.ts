import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../lambda/environment';
import { bundledCode } from './bundle';
import type { CredentialSecret } from './credential-secret';
import type { TokenTable } from './token-table';

export interface VendingFunctionProps {
  readonly table: TokenTable;
  /** Credential name → its secret. */
  readonly secrets: Readonly<Record<string, CredentialSecret>>;
  /** Where tokens are minted. */
  readonly tokenUrl: string;
}

/** The one function, with the one role that may read the secrets and use the table. */
export class VendingFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: VendingFunctionProps) {
    super(scope, id);
    // Its audit lines answer "who was given a token" after the stack is gone too. The name is generated, so a kept
    // group is never in the way of the next deploy.
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'The only role that is granted the Fiskil secrets and the token table.',
    });
    // Not AWSLambdaBasicExecutionRole: that one may write to every log group of the account.
    logGroup.grantWrite(role);
    props.table.grantUse(role);
    for (const secret of Object.values(props.secrets)) secret.grantRead(role);

    const secretIds = Object.fromEntries(
      Object.entries(props.secrets).map(([credential, secret]) => [credential, secret.secretId]),
    );
    this.function = new LambdaFunction(this, 'Function', {
      description: 'Vends short-lived Fiskil tokens from one secret.',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode(join(__dirname, '../lambda/handler.ts')),
      role,
      // CPU comes with memory: below 512 MB the TLS handshakes of a cold start take noticeably longer.
      memorySize: 512,
      // Above the 22 s that a request may take, below the gateway's 29 s.
      timeout: Duration.seconds(25),
      logGroup,
      // Powertools writes whole JSON lines, metrics among them; Lambda's own JSON format would wrap or filter them.
      loggingFormat: LoggingFormat.TEXT,
      // A tick that failed or waited a minute is made good by the next one.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
      environment: {
        [ENVIRONMENT.tableName]: props.table.table.tableName,
        [ENVIRONMENT.secretIds]: JSON.stringify(secretIds),
        [ENVIRONMENT.tokenUrl]: props.tokenUrl,
      },
    });
    // It finds the secrets by name, so nothing else tells CloudFormation that they come first.
    for (const secret of Object.values(props.secrets)) this.function.node.addDependency(secret);
  }
}
