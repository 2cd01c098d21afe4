import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Alarm, Dashboard, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type Grant, type IGrantable, type IRole, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { METRICS } from '../lambda/metrics';
import { warnOfPartialArns } from './adopted';
import type { AlarmName } from './alarms';
import { checked } from './config';
import { refuse } from './config-values';
import { connect } from './connection';
import { CredentialSecret } from './credential-secret';
import { pascalCase } from './credentials';
import { EncryptionKey } from './encryption-key';
import { ImportedTokenVending, type TokenVendingAttributes } from './imported-token-vending';
import { ownMetric } from './metrics';
import { Monitoring } from './monitoring';
import { adoptedBy, checkableProps, eachOf } from './read-props';
import { Rotation } from './rotation';
import { checkFor } from './target';
import { TokenTable } from './token-table';
import type { TokenVendingProps } from './token-vending-props';
import { grantVend, type ICallerFunction, type ITokenVending } from './vend-grant';
import { VendingApi } from './vending-api';
import { VendingFunction } from './vending-function';

/** Keeps the Fiskil secrets in one place. Its API vends their tokens to callers that IAM allows. */
export class TokenVending extends Construct implements ITokenVending {
  /** The token API of another stack, for a caller in this one. */
  static fromTokenVendingAttributes(
    scope: Construct,
    id: string,
    attributes: TokenVendingAttributes = {},
  ): ITokenVending {
    return new ImportedTokenVending(scope, id, attributes);
  }

  /** The short name of `fromTokenVendingAttributes`. */
  static readonly fromAttributes = TokenVending.fromTokenVendingAttributes;

  /** The API's base URL, which ends in `/v1/`. */
  readonly url: string;
  /** The REST API, with its one stage `v1`. */
  readonly api: RestApi;
  /** The table of records. */
  readonly table: Table;
  /** The vending function. */
  readonly function: Lambda;
  /** The function behind "Rotate secret immediately"; undefined without rotation. */
  readonly rotationFunction: Lambda | undefined;
  /** Credential name → its secret. */
  readonly secrets: Readonly<Record<string, ISecret>>;
  /** Credential name → the name of its secret, as the console shows it. */
  readonly secretNames: Readonly<Record<string, string>>;
  /** Credential name → a policy with the same permissions as `grantVend`, for roles outside of CDK. */
  readonly vendPolicies: Readonly<Record<string, ManagedPolicy>>;
  /** Name (a section of docs/runbook.md) → alarm, for the alarms that are not left out. */
  readonly alarms: Readonly<Partial<Record<AlarmName, Alarm>>>;
  /** Undefined if it is left out. */
  readonly dashboard: Dashboard | undefined;
  private readonly prefix: string;
  private readonly callArn: string;

  /** @throws ConfigurationError for an invalid property */
  constructor(scope: Construct, id: string, props: TokenVendingProps = {}) {
    super(scope, id);
    const settings = checked((name) => checkableProps(props)[name], '');
    const { prefix } = settings;
    this.prefix = prefix;
    this.refuseTakenPrefix();
    const credentials: TokenVendingProps['credentials'] = props.credentials ?? { default: {} };
    const names = Object.keys(credentials);
    const encryptionKey = this.encryptionKey(props);
    const logs = { encryptionKey, retentionDays: settings.logRetentionDays };

    const table = new TokenTable(this, 'TokenTable', encryptionKey);
    this.table = table.table;
    const secrets = eachOf(
      credentials,
      (given, credential) =>
        new CredentialSecret(this, `Secret${pascalCase(credential)}`, { ...given, credential, prefix, encryptionKey }),
    );
    this.secrets = eachOf(secrets, ({ secret }) => secret);
    this.secretNames = eachOf(secrets, ({ secretName }) => secretName);
    const secretIds = eachOf(secrets, ({ secretId }) => secretId);
    const access = {
      callers: settings.callers,
      denied: (props.denied ?? []).map(({ roleArn }) => roleArn),
      vpcEndpointIds: (props.vpcEndpoints ?? []).map(({ vpcEndpointId }) => vpcEndpointId),
      credentials: names,
    };
    const given = { ...access, secretIds, tokenUrl: settings.tokenUrl, adopted: adoptedBy(props) };
    checkFor(Stack.of(this), given, '');
    warnOfPartialArns(this, secretIds);
    const mintingAt = { logs, secrets, tokenUrl: settings.tokenUrl };
    const vend = new VendingFunction(this, 'Vend', { table, ...mintingAt });
    this.function = vend.function;
    const rotation = settings.rotation ? new Rotation(this, 'Rotation', mintingAt) : undefined;
    this.rotationFunction = rotation?.function;
    if (props.secretOperators) {
      const functions = [vend.role, ...(rotation ? [rotation.role] : [])];
      closeSecrets(Object.values(secrets), props.secretOperators, functions);
    }
    const api = new VendingApi(this, 'VendingApi', {
      ...settings,
      ...access,
      vpcEndpoints: props.vpcEndpoints ?? [],
      handler: this.function,
      logs,
    });
    this.api = api.api;
    this.callArn = api.callArn;
    this.url = api.url;
    this.vendPolicies = eachOf(credentials, (_given, credential) => this.vendPolicy(credential));

    new Rule(this, 'Tick', {
      description: 'Runs every minute: replaces tokens in use before they expire, so that no caller waits for Fiskil.',
      schedule: Schedule.rate(Duration.minutes(1)),
      // The next tick is the retry. 60 s is the smallest age that EventBridge accepts.
      targets: [new LambdaFunction(this.function, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    const monitoring = new Monitoring(this, 'Monitoring', {
      prefix,
      credentials: names.length,
      vend: this.function,
      api: this.api,
      rotation: this.rotationFunction,
      rotationDue: props.rotationDue ?? Duration.days(settings.rotationDays),
      alarms: props.alarms ?? {},
      dashboard: props.dashboard ?? true,
      email: settings.alarmEmail,
      topic: props.alarmTopic,
    });
    this.alarms = monitoring.alarms;
    this.dashboard = monitoring.dashboard;
    new StringParameter(this, 'UrlParameter', {
      parameterName: `/${prefix}/token-api-url`,
      description: 'The base URL of the API that gives Fiskil tokens.',
      stringValue: this.url,
    });
  }

  grantVend(grantee: IGrantable, credential = 'default'): Grant {
    this.refuseUnknown('grantVend', credential);
    return grantVend(grantee, credential, this.callArn);
  }

  connect(caller: ICallerFunction, credential = 'default'): Grant {
    this.refuseUnknown('connect', credential);
    return connect(this, caller, credential);
  }

  /** Answers with a token. Like all metrics here, it counts all credentials; the default is the sum of five minutes. */
  metricVend(options?: MetricOptions): Metric {
    return this.metric(METRICS.vend, options);
  }

  /** Answers without a token, except those caused by the caller. */
  metricUnserved(options?: MetricOptions): Metric {
    return this.metric(METRICS.unserved, options);
  }

  /** Tokens that Fiskil issued. */
  metricMint(options?: MetricOptions): Metric {
    return this.metric(METRICS.mint, options);
  }

  /** Mints and ticks that failed. */
  metricMintFailure(options?: MetricOptions): Metric {
    return this.metric(METRICS.mintFailure, options);
  }

  /** How often an environment of the function began to work without the table. */
  metricTableUnreachable(options?: MetricOptions): Metric {
    return this.metric(METRICS.tableUnreachable, options);
  }

  /** Ticks: one a minute for each credential. */
  metricTick(options?: MetricOptions): Metric {
    return this.metric(METRICS.tick, options);
  }

  /** Seconds since the current version of a secret was made; by default that of the oldest one. */
  metricSecretAge(options?: MetricOptions): Metric {
    return this.metric(METRICS.secretAge, { statistic: 'Maximum', ...options });
  }

  private metric(name: string, options: MetricOptions = {}): Metric {
    return ownMetric(this.function, name, { statistic: 'Sum', ...options });
  }

  private encryptionKey({ encryption, encryptionKey }: TokenVendingProps): EncryptionKey | undefined {
    if (encryptionKey && encryption === 'aws-owned') {
      refuse('encryptionKey is given, but encryption is "aws-owned": remove one of the two.');
    }
    return encryptionKey || encryption === 'customer-managed'
      ? new EncryptionKey(this, 'Encryption', encryptionKey)
      : undefined;
  }

  private refuseUnknown(method: string, credential: string): void {
    if (!Object.hasOwn(this.secrets, credential)) {
      refuse(`${method}: the second argument is not a name in credentials: correct it, or add it there.`);
    }
  }

  /** Two constructs with one prefix would make secrets, alarms and a parameter with the same names. Only a deploy would find that. */
  private refuseTakenPrefix(): void {
    const stack = Stack.of(this);
    const isTwin = (each: unknown) =>
      each instanceof TokenVending && each !== this && each.prefix === this.prefix && Stack.of(each) === stack;
    if (stack.node.findAll().some(isTwin)) {
      refuse('prefix is the same as that of another TokenVending in this stack: give this one another prefix.');
    }
  }

  /** The policy has no fixed name, because names of policies are global and a second region must be deployable. */
  private vendPolicy(credential: string): ManagedPolicy {
    const policy = new ManagedPolicy(this, `VendPolicy${pascalCase(credential)}`, {
      description: `Allows getting Fiskil tokens for the credential ${credential}.`,
    });
    // People attach this policy to roles, and IAM cannot delete an attached policy.
    policy.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.grantVend(policy, credential);
    return policy;
  }
}

function closeSecrets(secrets: readonly CredentialSecret[], operators: readonly IRole[], functions: IRole[]): void {
  if (operators.length === 0) {
    refuse('secretOperators is empty, which would deny everyone: name at least one role, or leave it out.');
  }
  const readers = [...operators, ...functions].map(({ roleArn }) => roleArn);
  for (const secret of secrets) {
    secret.denyValueToOthers(readers);
  }
}
