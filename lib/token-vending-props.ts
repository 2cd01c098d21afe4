import type { Duration } from 'aws-cdk-lib';
import type { IVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Caller } from './callers';
import type { Configuration, Throttle } from './config';
import type { CredentialProps } from './credential-secret';
import type { AlarmChanges } from './monitoring';

export interface TokenVendingProps {
  /** The first part of the names of secrets and alarms, and of the SSM parameter `/<prefix>/token-api-url`. It must be unique in the account and region.
   * @default - `fiskil`
   */
  readonly prefix?: string;
  /** Credential name → where its pair is stored.
   * @default - one credential named `default`, in a new secret
   */
  readonly credentials?: Readonly<Record<string, CredentialProps>>;
  /** Principals of other accounts, and the credentials whose tokens each may get.
   * @default - none: only roles of this account, by their own policies
   */
  readonly callers?: readonly Caller[];
  /** Roles that the API refuses, even if another policy allows them.
   * @default - none
   */
  readonly denied?: readonly IRole[];
  /**
   * VPC endpoints for `execute-api`. The API is reachable only through these.
   * @default - none: the API answers signed requests from anywhere
   */
  readonly vpcEndpoints?: readonly IVpcEndpoint[];
  /** Which key encrypts the table, the secrets that the construct makes, and its log groups: AWS's, or a KMS key of the construct.
   * @default - `aws-owned`: keys of AWS, unless `encryptionKey` is given
   */
  readonly encryption?: Configuration['encryption'];
  /** Your own KMS key for the table, secrets and logs. If the app can change the key's policy, the construct adds what is needed. For another key, see
   * docs/operations.md.
   * @default - a new key if `encryption` is `customer-managed`
   */
  readonly encryptionKey?: IKey;
  /** The IAM roles that may read the secrets' values. A policy denies everyone else except the two functions.
   * @default - everyone with a policy for it, so that the console shows the pair to the person that pastes it
   */
  readonly secretOperators?: readonly IRole[];
  /** The URL that mints tokens: https, or http on loopback.
   * @default - Fiskil's token endpoint, https://api.fiskil.com/v1/token
   */
  readonly tokenUrl?: string;
  /** How many requests the API accepts: a second, and at once.
   * @default - 50 a second, 100 at once
   */
  readonly throttle?: Throttle;
  /** Whether to set the account-wide role with which API Gateway writes logs. Each stack sets it once. A deploy fails in an account without such a role.
   * @default - true
   */
  readonly apiGatewayLogRole?: boolean;
  /**
   * Whether "Rotate secret immediately" works for the secrets: the rotation function, its schedules and their alarm.
   * @default - true
   */
  readonly rotation?: boolean;
  /**
   * The age of a pair at which "rotation due" alarms.
   * @default - 90 days
   */
  readonly rotationDue?: Duration;
  /**
   * How long log lines are kept.
   * @default - three months
   */
  readonly logRetention?: RetentionDays;
  /** The email address for alarms.
   * @default - no email
   */
  readonly alarmEmail?: string;
  /** The topic that alarms go to.
   * @default - only the topic of `alarmEmail`, if that is given
   */
  readonly alarmTopic?: ITopic;
  /** Alarms to leave out or to change; `false` for no alarms. Each has the name of its section in docs/runbook.md.
   * @default - all of them, as in the runbook
   */
  readonly alarms?: AlarmChanges | false;
  /**
   * Whether to make a dashboard. Three are free in an account.
   * @default - true
   */
  readonly dashboard?: boolean;
}
