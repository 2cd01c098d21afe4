import { describe, expect, test } from '@jest/globals';
import { Validations } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { configuration } from '../../lib/config';
import { TokenVendingStack } from '../../lib/token-vending-stack';
import { testApp } from '../lib/synth';
import { CONFIGURATIONS } from './configurations';

/** What cdk-nag finds and we leave, each with why. */
const ACKNOWLEDGED: Readonly<Record<string, string>> = {
  'AwsSolutions-SMG4':
    'Fiskil has no API that makes a key, so a person stages the new pair and rotates on demand; the alarm rotation-due tells when.',
  'AwsSolutions-DDB3':
    'The table is a cache of tokens that live for minutes: a lost record costs one mint, and a backup would keep tokens for longer.',
  'AwsSolutions-APIG2':
    'The function checks every part of a request and answers in the documented shape, which a validator of API Gateway cannot.',
  'AwsSolutions-APIG3':
    'Each method takes requests only that are signed by a principal whom IAM allows, and the stage is throttled; a web ACL has nothing to add for machines.',
  'AwsSolutions-APIG6':
    'Execution logs quote signed headers and bodies, which hold tokens; the access log has a line for each request, with who and why not.',
  'AwsSolutions-COG4':
    'Callers are workloads with IAM roles, which is what each method asks for; there are no users to sign in.',
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
    "The account's role for API Gateway's logs serves all APIs of the account, so it holds what AWS documents for it.",
};

function stackOf(context: Readonly<Record<string, unknown>>): TokenVendingStack {
  const settings = configuration(context);
  const env = { account: '111122223333', region: 'ap-southeast-2' };
  return new TokenVendingStack(testApp(), settings.stackName, { configuration: settings, env });
}

const findings = (scope: IConstruct) =>
  new AwsSolutionsChecks().validateScope(scope).violations.map(({ ruleName }) => ruleName);

describe.each(Object.entries(CONFIGURATIONS))('cdk-nag, AwsSolutions: %s', (name, context) => {
  const stack = stackOf(context);
  const found = findings(stack);
  for (const [rule, reason] of Object.entries(ACKNOWLEDGED)) {
    Validations.of(stack).acknowledge({ id: rule, reason });
  }

  test('finds what is acknowledged', () => {
    const isLogRoleLeftOut = context['fiskil:apiGatewayLogRole'] === false;
    const expected = Object.keys(ACKNOWLEDGED).filter((rule) => !(isLogRoleLeftOut && rule.includes('IAM4')));
    expect([name, [...new Set(found)].sort()]).toEqual([name, expected.sort()]);
  });

  test('finds nothing else', () => {
    expect(findings(stack)).toEqual([]);
  });
});

test('a fault is found also where so much is acknowledged', () => {
  const stack = stackOf({});
  for (const [rule, reason] of Object.entries(ACKNOWLEDGED)) {
    Validations.of(stack).acknowledge({ id: rule, reason });
  }
  new CfnBucket(stack, 'Careless');
  expect(findings(stack)).toEqual(expect.arrayContaining(['AwsSolutions-S1', 'AwsSolutions-S10']));
});
