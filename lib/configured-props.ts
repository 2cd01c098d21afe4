import { Duration } from 'aws-cdk-lib';
import { InterfaceVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import { type IRole, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { type Configuration, DEFAULTS } from './config';
import type { CredentialProps } from './credential-secret';
import type { CredentialSource } from './credentials';
import type { TokenVendingProps } from './token-vending-props';

/** The keys whose value is the construct's property of the same name, unchanged. */
type SameForm = {
  [K in keyof Configuration & keyof TokenVendingProps]: NonNullable<Configuration[K]> extends NonNullable<
    TokenVendingProps[K]
  >
    ? K
    : never;
}[Exclude<keyof Configuration & keyof TokenVendingProps, 'credentials'>];

type Reader<K extends keyof Configuration> = (value: Configuration[K], scope: Construct) => TokenVendingProps;

type Readers = { readonly [K in Exclude<keyof Configuration, SameForm>]: Reader<K> };

/** Turns the text of the other keys into the construct's resources. The code does not compile if a key without a property is missing here. */
const READERS: Readers = {
  // bin/app.ts uses it as the stack's name.
  stackName: () => ({}),
  credentials: (sources, scope) => ({
    credentials: Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [name, existing(source, scope, name)]),
    ),
  }),
  denied: (arns, scope) => ({ denied: roles(arns, scope, 'Denied') }),
  rotationDays: (days) => ({ rotationDue: Duration.days(days) }),
  logRetentionDays: (logRetention) => ({ logRetention }),
  alarmTopicArn: (arn, scope) =>
    arn === undefined ? {} : { alarmTopic: Topic.fromTopicArn(scope, 'AlarmTopic', arn) },
  vpcEndpointIds: (ids, scope) => ({
    vpcEndpoints: ids.map((vpcEndpointId) =>
      InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(scope, vpcEndpointId, { vpcEndpointId, port: 443 }),
    ),
  }),
  secretOperators: (arns, scope) => (arns === undefined ? {} : { secretOperators: roles(arns, scope, 'Operator') }),
};

export const SAME_FORM = Object.keys(DEFAULTS).filter((name): name is SameForm => !Object.hasOwn(READERS, name));

/** The construct's properties for a configuration. Imports existing resources under `scope`. */
export function configuredProps(configuration: Configuration, scope: Construct): TokenVendingProps {
  const given = SAME_FORM.filter((name) => configuration[name] !== undefined);
  const read = <K extends keyof Readers>(name: K) => (READERS[name] as Reader<K>)(configuration[name], scope);
  return Object.assign(
    Object.fromEntries(given.map((name) => [name, configuration[name]])),
    ...(Object.keys(READERS) as (keyof Readers)[]).map((name) => read(name)),
  );
}

function existing({ secretArn, kmsKeyArn }: CredentialSource, scope: Construct, name: string): CredentialProps {
  if (secretArn === undefined) {
    return {};
  }
  const encryptionKey =
    kmsKeyArn === undefined ? {} : { encryptionKey: Key.fromKeyArn(scope, `Key-${name}`, kmsKeyArn) };
  return {
    secret: Secret.fromSecretAttributes(scope, `Secret-${name}`, { secretCompleteArn: secretArn, ...encryptionKey }),
  };
}

function roles(arns: readonly string[], scope: Construct, id: string): IRole[] {
  return arns.map((arn, index) => Role.fromRoleArn(scope, `${id}${index}`, arn));
}
