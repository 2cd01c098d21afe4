import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  RuntimeFamily,
} from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { bundledCode } from './bundle';
import { type KeptLogs, keptLogGroup } from './kept-log-group';

export interface BundledFunctionProps {
  /** A source file of the folder `lambda`. */
  readonly entry: string;
  readonly description: string;
  readonly roleDescription: string;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly logs: KeptLogs;
}

export interface BundledFunction {
  readonly function: LambdaFunction;
  /** Its own role, which may only write its own log so far. */
  readonly role: Role;
}

/** Makes a function with the common settings of this project. */
export function bundledFunction(scope: Construct, props: BundledFunctionProps): BundledFunction {
  const logGroup = keptLogGroup(scope, 'Logs', props.logs);
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: props.roleDescription,
  });
  // Not AWSLambdaBasicExecutionRole, which may write to every log group of the account.
  logGroup.grantWrite(role);
  const lambda = new LambdaFunction(scope, 'Function', {
    description: props.description,
    // By name, because the oldest CDK that package.json allows has no constant for it.
    runtime: new Runtime('nodejs24.x', RuntimeFamily.NODEJS),
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: bundledCode(join(__dirname, '../lambda', props.entry)),
    role,
    // CPU grows with memory. Below 512 MB the TLS handshakes of a cold start take noticeably longer.
    memorySize: 512,
    timeout: props.timeout,
    logGroup,
    // Powertools writes complete JSON lines, also for metrics. Lambda's own JSON format would wrap or filter them.
    loggingFormat: LoggingFormat.TEXT,
    // No retries: the invoker repeats the call if needed, and the next tick replaces a lost one.
    retryAttempts: 0,
    maxEventAge: Duration.minutes(1),
    environment: { ...props.environment },
  });
  return { function: lambda, role };
}
