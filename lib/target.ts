import { Annotations, type Stack, Token } from 'aws-cdk-lib';
import { type Adopted, placeIn, refuseForeign, refuseSharedSecrets } from './adopted';
import type { ApiAccess } from './api-policy';
import { type Configuration, FISKIL } from './config';
import { refuseLongApiPolicy, refuseLongEnvironment, type Told } from './limits';

/** Fiskil's data is Australian. */
const SYDNEY = 'ap-southeast-2';

/** Settings that can be valid alone, but not in this stack. */
export interface Given extends Told, Omit<ApiAccess, 'account'> {
  readonly adopted: readonly Adopted[];
}

/** Refuses what would fail in the middle of a deploy, or only at the first call. Messages put `namespace` before each name.
 * @throws ConfigurationError
 */
export function checkFor(stack: Stack, given: Given, namespace: string): void {
  refuseForeign(given.adopted, stack);
  refuseSharedSecrets(given.secretIds, namespace);
  refuseLongEnvironment(given, namespace);
  refuseLongApiPolicy(given, stack, namespace);
}

/** The same settings from a configuration, which has text. */
export function givenBy(configuration: Configuration, namespace: string): Given {
  const { credentials, prefix, alarmTopicArn } = configuration;
  const sources = Object.entries(credentials);
  const secrets = sources.flatMap(([name, { secretArn }]) =>
    secretArn === undefined ? [] : [{ key: `${namespace}credentials.${name}.secretArn`, ...placeIn(secretArn) }],
  );
  // Alarms can use topics of other accounts, but not of other regions.
  const topics =
    alarmTopicArn === undefined
      ? []
      : [{ key: `${namespace}alarmTopicArn`, region: placeIn(alarmTopicArn).region, account: undefined }];
  return {
    ...configuration,
    credentials: Object.keys(credentials),
    secretIds: Object.fromEntries(sources.map(([name, { secretArn }]) => [name, secretArn ?? `${prefix}/${name}`])),
    adopted: [...secrets, ...topics],
  };
}

/** Prints the account and region. CDK silently uses us-east-1 if no region is set (aws-cdk#32130). */
export function sayWhere(stack: Stack, tokenUrl: string): void {
  const { account, region } = stack;
  const annotations = Annotations.of(stack);
  if (Token.isUnresolved(account) || Token.isUnresolved(region)) {
    annotations.addInfoV2(
      'fiskil:target',
      'CDK found no AWS credentials, so the account and the region are those of the later deploy.',
    );
    return;
  }
  annotations.addInfoV2('fiskil:target', `This is for the account ${account} and the region ${region}.`);
  if (tokenUrl !== FISKIL || region === SYDNEY) {
    return;
  }
  annotations.addWarningV2(
    'fiskil:region',
    `Fiskil's data is Australian, but this stack goes to ${region}. If you did not mean that, set AWS_REGION=${SYDNEY} and deploy again. CDK uses us-east-1 if no region is set.`,
  );
}
