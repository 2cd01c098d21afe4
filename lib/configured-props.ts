import { Duration } from 'aws-cdk-lib';
import { InterfaceVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import { type IRole, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Configuration } from './config';
import type { CredentialProps } from './credential-secret';
import type { CredentialSource } from './credentials';
import type { TokenVendingProps } from './token-vending-props';

type Reader<K extends keyof Configuration> = (value: Configuration[K], scope: Construct) => TokenVendingProps;

/** What the text of each key is to the construct, which takes resources. A key that nobody reads here does not compile. */
const READERS = {
  // Of the stack, which bin/app.ts names by it.
  stackName: () => ({}),
  prefix: (prefix) => ({ prefix }),
  credentials: (sources, scope) => ({
    credentials: Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [name, existing(source, scope, name)]),
    ),
  }),
  callers: (callers) => ({ callers }),
  denied: (arns, scope) => ({ denied: roles(arns, scope, 'Denied') }),
  tokenUrl: (tokenUrl) => ({ tokenUrl }),
  throttle: (throttle) => ({ throttle }),
  rotation: (rotation) => ({ rotation }),
  rotationDays: (days) => ({ rotationDue: Duration.days(days) }),
  apiGatewayLogRole: (apiGatewayLogRole) => ({ apiGatewayLogRole }),
  logRetentionDays: (logRetention) => ({ logRetention }),
  alarmEmail: (alarmEmail) => (alarmEmail === undefined ? {} : { alarmEmail }),
  alarmTopicArn: (arn, scope) =>
    arn === undefined ? {} : { alarmTopic: Topic.fromTopicArn(scope, 'AlarmTopic', arn) },
  encryption: (encryption) => ({ encryption }),
  vpcEndpointIds: (ids, scope) => ({
    vpcEndpoints: ids.map((vpcEndpointId) =>
      InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(scope, vpcEndpointId, { vpcEndpointId, port: 443 }),
    ),
  }),
  secretOperators: (arns, scope) => (arns === undefined ? {} : { secretOperators: roles(arns, scope, 'Operator') }),
} satisfies { [K in keyof Configuration]: Reader<K> };

/** The construct's properties of a configuration. What it names and does not make is imported under `scope`. */
export function configuredProps(configuration: Configuration, scope: Construct): TokenVendingProps {
  const readers: { readonly [K in keyof Configuration]: Reader<K> } = READERS;
  const read = <K extends keyof Configuration>(name: K) => readers[name](configuration[name], scope);
  return Object.assign({}, ...(Object.keys(READERS) as (keyof Configuration)[]).map((name) => read(name)));
}

function existing({ secretArn, kmsKeyArn }: CredentialSource, scope: Construct, name: string): CredentialProps {
  if (secretArn === undefined) return {};
  const encryptionKey =
    kmsKeyArn === undefined ? {} : { encryptionKey: Key.fromKeyArn(scope, `Key-${name}`, kmsKeyArn) };
  return {
    secret: Secret.fromSecretAttributes(scope, `Secret-${name}`, { secretCompleteArn: secretArn, ...encryptionKey }),
  };
}

function roles(arns: readonly string[], scope: Construct, id: string): IRole[] {
  return arns.map((arn, index) => Role.fromRoleArn(scope, `${id}${index}`, arn));
}
