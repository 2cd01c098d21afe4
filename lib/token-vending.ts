import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { alarmEmail, alarmTopicArn, DEFAULTS, prefix, rotationDays, type Throttle, throttle, tokenUrl } from './config';
import { refuse } from './config-values';
import { CredentialSecret } from './credential-secret';
import { type Credentials, credentials, pascalCase } from './credentials';
import { Monitoring } from './monitoring';
import { Rotation } from './rotation';
import { TokenTable } from './token-table';
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

/** Names of the environment variables that `grantVend` gives to a function. */
export const CALLER_ENVIRONMENT = { tokenApiUrl: 'FISKIL_TOKEN_API_URL', credential: 'FISKIL_CREDENTIAL' } as const;

/** One place that holds the Fiskil secrets, and an API that vends their tokens to those whom IAM allows. */
export class TokenVending extends Construct {
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
  private readonly api: VendingApi;

  /** @throws ConfigurationError for a property that cannot be used */
  constructor(scope: Construct, id: string, props: TokenVendingProps = {}) {
    super(scope, id);
    const namePrefix = prefix(props.prefix ?? DEFAULTS.prefix, 'prefix');
    const configured = credentials(props.credentials ?? DEFAULTS.credentials, 'credentials');

    this.table = new TokenTable(this, 'TokenTable');
    this.secrets = Object.fromEntries(
      Object.entries(configured).map(([credential, source]) => [
        credential,
        new CredentialSecret(this, `Secret${pascalCase(credential)}`, { credential, prefix: namePrefix, source }),
      ]),
    );
    const mintingAt = {
      secrets: this.secrets,
      tokenUrl: tokenUrl(props.tokenUrl ?? DEFAULTS.tokenUrl, 'tokenUrl'),
    };
    this.function = new VendingFunction(this, 'Vend', { table: this.table, ...mintingAt }).function;
    this.rotation = (props.rotation ?? DEFAULTS.rotation) ? new Rotation(this, 'Rotation', mintingAt) : undefined;
    this.api = new VendingApi(this, 'VendingApi', {
      handler: this.function,
      throttle: throttle(props.throttle ?? DEFAULTS.throttle, 'throttle'),
      apiGatewayLogRole: props.apiGatewayLogRole ?? DEFAULTS.apiGatewayLogRole,
    });
    this.url = this.api.url;

    new Rule(this, 'Tick', {
      description: 'Replaces vended tokens before they run out, so that no caller waits for Fiskil.',
      schedule: Schedule.rate(Duration.minutes(1)),
      // The next tick is the retry. 60 s is EventBridge's smallest age.
      targets: [new LambdaFunction(this.function, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    new Monitoring(this, 'Monitoring', {
      prefix: namePrefix,
      credentials: Object.keys(configured),
      vend: this.function,
      rotation: this.rotation?.function,
      rotationDays: rotationDays(props.rotationDays ?? DEFAULTS.rotationDays, 'rotationDays'),
      email: props.alarmEmail === undefined ? undefined : alarmEmail(props.alarmEmail, 'alarmEmail'),
      topicArn: props.alarmTopicArn === undefined ? undefined : alarmTopicArn(props.alarmTopicArn, 'alarmTopicArn'),
    });
    new StringParameter(this, 'UrlParameter', {
      parameterName: `/${namePrefix}/token-api-url`,
      description: 'The base URL of the API that vends Fiskil tokens.',
      stringValue: this.url,
    });
  }

  /**
   * Allows `grantee` to have tokens of one credential and to say that Fiskil refused one. A function also gets the
   * variables that the client library reads: `FISKIL_TOKEN_API_URL` and `FISKIL_CREDENTIAL`.
   * @throws ConfigurationError if the credential is not configured
   */
  grantVend(grantee: IGrantable, credential = 'default'): Grant {
    if (!Object.hasOwn(this.secrets, credential)) {
      refuse(`grantVend: "${credential}" is not a configured credential: use ${Object.keys(this.secrets).join(', ')}.`);
    }
    if (grantee instanceof Lambda) {
      grantee.addEnvironment(CALLER_ENVIRONMENT.tokenApiUrl, this.url);
      grantee.addEnvironment(CALLER_ENVIRONMENT.credential, credential);
    }
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: [
        this.api.methodArn('GET', `/tokens/${credential}`),
        this.api.methodArn('POST', `/tokens/${credential}/rejections`),
      ],
    });
  }
}
