import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type Grant, type IGrantable, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { Caller } from './callers';
import { type Configuration, checked, type Throttle } from './config';
import { refuse } from './config-values';
import { CredentialSecret } from './credential-secret';
import { type Credentials, pascalCase } from './credentials';
import { EncryptionKey } from './encryption-key';
import { ImportedTokenVending, type TokenVendingAttributes } from './imported-token-vending';
import { Monitoring } from './monitoring';
import { Rotation } from './rotation';
import { TokenTable } from './token-table';
import { grantVend, type ITokenVending } from './vend-grant';
import { VendingApi } from './vending-api';
import { VendingFunction } from './vending-function';

export interface TokenVendingProps {
  /**
   * The first part of the secrets' names and of the SSM parameter `/<prefix>/token-api-url`.
   * @default - `fiskil`
   */
  readonly prefix?: string;
  /**
   * Credential name → where its pair is kept.
   * @default - one credential named `default`, in a new secret
   */
  readonly credentials?: Credentials;
  /**
   * Principals of other accounts, and the credentials that each may have tokens of.
   * @default - none: roles of this account, by their own policies
   */
  readonly callers?: readonly Caller[];
  /**
   * ARNs of roles that the API refuses, whatever else allows them.
   * @default - none
   */
  readonly denied?: readonly string[];
  /**
   * Ids of the VPC endpoints for `execute-api` through which alone the API answers.
   * @default - none: the API answers signed requests from anywhere
   */
  readonly vpcEndpointIds?: readonly string[];
  /**
   * Whether a KMS key of the stack encrypts the table, the secrets that it makes, and its log groups.
   * @default - `aws-owned`: keys of AWS do
   */
  readonly encryption?: Configuration['encryption'];
  /**
   * ARNs of the IAM roles that may read the secrets' values. Everyone but these and the stack's functions is denied it.
   * @default - whoever may read secrets by a policy of their own, so that the console shows the pair to who pastes it
   */
  readonly secretOperators?: readonly string[] | undefined;
  /**
   * Where tokens are minted: https, or http on loopback.
   * @default - Fiskil's token endpoint, https://api.fiskil.com/v1/token
   */
  readonly tokenUrl?: string;
  /**
   * What the API lets through, in requests a second and requests at once.
   * @default - 50 a second, 100 at once
   */
  readonly throttle?: Throttle;
  /**
   * Whether to set the account-wide role with which API Gateway writes logs. An account without one cannot deploy.
   * @default - true
   */
  readonly apiGatewayLogRole?: boolean;
  /**
   * Whether "Rotate secret immediately" works for the secrets: the rotation function, its schedules and their alarms.
   * @default - true
   */
  readonly rotation?: boolean;
  /**
   * Days: the age of a pair at which "rotation due" alarms.
   * @default - 90
   */
  readonly rotationDays?: number;
  /**
   * Days that the log lines are kept, one of the numbers that CloudWatch Logs takes.
   * @default - 90
   */
  readonly logRetentionDays?: number;
  /**
   * Where alarms are sent by email.
   * @default - no email
   */
  readonly alarmEmail?: string | undefined;
  /**
   * The SNS topic that alarms go to.
   * @default - no topic but the one of `alarmEmail`
   */
  readonly alarmTopicArn?: string | undefined;
}

/** One place that holds the Fiskil secrets, and an API that vends their tokens to those whom IAM allows. */
export class TokenVending extends Construct implements ITokenVending {
  /** The token API of another stack, for a caller in this one. */
  static fromAttributes(scope: Construct, id: string, attributes: TokenVendingAttributes = {}): ITokenVending {
    return new ImportedTokenVending(scope, id, attributes);
  }

  /** The API's base URL, which ends in `/v1/`. */
  readonly url: string;
  /** The table of records. */
  readonly table: TokenTable;
  /** The function that vends. */
  readonly function: Lambda;
  /** What "Rotate secret immediately" runs; undefined where rotation is left out. */
  readonly rotation: Rotation | undefined;
  /** Credential name → its secret. */
  readonly secrets: Readonly<Record<string, CredentialSecret>>;
  /** Credential name → a policy that allows what `grantVend` does, for roles that CDK does not know. */
  readonly vendPolicies: Readonly<Record<string, ManagedPolicy>>;
  private readonly api: VendingApi;

  /** @throws ConfigurationError for a property that cannot be used */
  constructor(scope: Construct, id: string, props: TokenVendingProps = {}) {
    super(scope, id);
    const settings = checked((name) => (props as Partial<Configuration>)[name], '');
    const { prefix, credentials } = settings;
    const encryptionKey =
      settings.encryption === 'customer-managed' ? new EncryptionKey(this, 'Encryption') : undefined;
    const logs = { encryptionKey, retentionDays: settings.logRetentionDays };

    this.table = new TokenTable(this, 'TokenTable', encryptionKey);
    this.secrets = Object.fromEntries(
      Object.entries(credentials).map(([credential, source]) => [
        credential,
        new CredentialSecret(this, `Secret${pascalCase(credential)}`, {
          credential,
          prefix,
          source,
          encryptionKey,
        }),
      ]),
    );
    const mintingAt = { logs, secrets: this.secrets, tokenUrl: settings.tokenUrl };
    const vend = new VendingFunction(this, 'Vend', { table: this.table, ...mintingAt });
    this.function = vend.function;
    this.rotation = settings.rotation ? new Rotation(this, 'Rotation', mintingAt) : undefined;
    if (settings.secretOperators) {
      const functions = [vend.role, ...(this.rotation ? [this.rotation.role] : [])].map(({ roleArn }) => roleArn);
      const readers = [...settings.secretOperators, ...functions];
      for (const secret of Object.values(this.secrets)) secret.denyValueToOthers(readers);
    }
    this.api = new VendingApi(this, 'VendingApi', {
      ...settings,
      handler: this.function,
      credentials: Object.keys(credentials),
      logs,
    });
    this.url = this.api.url;
    this.vendPolicies = Object.fromEntries(
      Object.keys(credentials).map((credential) => [credential, this.vendPolicy(credential)]),
    );

    new Rule(this, 'Tick', {
      description: 'Replaces vended tokens before they run out, so that no caller waits for Fiskil.',
      schedule: Schedule.rate(Duration.minutes(1)),
      // The next tick is the retry. 60 s is EventBridge's smallest age.
      targets: [new LambdaFunction(this.function, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    new Monitoring(this, 'Monitoring', {
      prefix,
      credentials: Object.keys(credentials).length,
      vend: this.function,
      api: this.api.api,
      rotation: this.rotation?.function,
      rotationDue: Duration.days(settings.rotationDays),
      alarms: {},
      dashboard: true,
      email: settings.alarmEmail,
      topic:
        settings.alarmTopicArn === undefined
          ? undefined
          : Topic.fromTopicArn(this, 'GivenTopic', settings.alarmTopicArn),
    });
    new StringParameter(this, 'UrlParameter', {
      parameterName: `/${prefix}/token-api-url`,
      description: 'The base URL of the API that vends Fiskil tokens.',
      stringValue: this.url,
    });
  }

  grantVend(grantee: IGrantable, credential = 'default'): Grant {
    if (!Object.hasOwn(this.secrets, credential)) {
      refuse('grantVend: the second argument is no name in credentials: correct it, or add it there.');
    }
    return grantVend(grantee, credential, this.api.callArn, this.url);
  }

  /** Without a name of its own: names of policies are global, and a second region must deploy as well. */
  private vendPolicy(credential: string): ManagedPolicy {
    const policy = new ManagedPolicy(this, `VendPolicy${pascalCase(credential)}`, {
      description: `Allows to have Fiskil tokens of the credential ${credential}.`,
    });
    // IAM deletes no policy that is attached to a role, which is what people do with this one.
    policy.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.grantVend(policy, credential);
    return policy;
  }
}
