import { type Stack, Token } from 'aws-cdk-lib';
import { ENVIRONMENT } from '../lambda/environment';
import { shortened } from '../lambda/secret-ids';
import { type ApiAccess, apiPolicy } from './api-policy';
import { refuse } from './config-values';

/** Bytes of a function's environment, names and values: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT_BYTES = 4096;

/** The longest name that DynamoDB accepts. CloudFormation generates the table's name. */
const LONGEST_TABLE_NAME = 'x'.repeat(255);

/** Characters of an API's resource policy: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
const API_POLICY_LENGTH = 8192;

const MANY = 'Put some of them into another stack, with its own stackName and prefix';

/** The settings of the vending function. */
export interface Told {
  /** Credential name → name or ARN of its secret. */
  readonly secretIds: Readonly<Record<string, string>>;
  readonly tokenUrl: string;
}

/** Refuses an environment that is too long. Otherwise Lambda would refuse it in the middle of a deploy. */
export function refuseLongEnvironment(told: Told, namespace: string): void {
  const bytes = environmentBytes(told);
  if (bytes <= ENVIRONMENT_BYTES) {
    return;
  }
  refuse(
    `${namespace}credentials needs an environment of up to ${bytes} bytes, but a function has ${ENVIRONMENT_BYTES}. ${MANY}, or use shorter names.`,
  );
}

/** The variables of the vending function. The ids are in plain form if they fit, so that people can read them in the console. */
export function vendingVariables({ secretIds, tokenUrl }: Told, tableName: string): Record<string, string> {
  const others = { [ENVIRONMENT.tableName]: tableName, [ENVIRONMENT.tokenUrl]: tokenUrl };
  const plain = { ...others, [ENVIRONMENT.secretIds]: JSON.stringify(secretIds) };
  const longest = { ...plain, [ENVIRONMENT.tableName]: LONGEST_TABLE_NAME };
  return bytesOf(longest) <= ENVIRONMENT_BYTES
    ? plain
    : { ...others, [ENVIRONMENT.secretIds]: JSON.stringify(shortened(secretIds)) };
}

/** Values that only CloudFormation knows count with a few characters. */
export function environmentBytes(told: Told): number {
  return bytesOf(vendingVariables(told, LONGEST_TABLE_NAME));
}

function bytesOf(variables: Readonly<Record<string, string>>): number {
  return Buffer.byteLength(Object.entries(variables).flat().join(''));
}

/** Refuses an API policy that is too long for API Gateway. */
export function refuseLongApiPolicy(access: Omit<ApiAccess, 'account'>, stack: Stack, namespace: string): void {
  const length = apiPolicyLength(access, stack);
  if (length <= API_POLICY_LENGTH) {
    return;
  }
  refuse(
    `${namespace}callers, ${namespace}denied, ${namespace}credentials and VPC endpoints make an API policy of ${length} characters, but API Gateway accepts ${API_POLICY_LENGTH}. ${MANY}, or name fewer callers.`,
  );
}

/** The length of the policy as API Gateway stores it: each statement has the API's own ARN, with an id of ten characters. */
export function apiPolicyLength(access: Omit<ApiAccess, 'account'>, stack: Stack): number {
  const known = (value: string, usual: string) => (Token.isUnresolved(value) ? usual : value);
  const account = known(stack.account, '111122223333');
  const policy = apiPolicy({ ...access, account });
  if (!policy) {
    return 0;
  }
  const arn = `arn:aws:execute-api:${known(stack.region, 'ap-southeast-2')}:${account}:abcde12345/`;
  return JSON.stringify(stack.resolve(policy)).replaceAll('"execute-api:/', `"${arn}`).length;
}
