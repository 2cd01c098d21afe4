import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { configuration } from '../../lib/config';
import { TokenVendingStack } from '../../lib/token-vending-stack';

/** Template tests look at resources, so the function's code is left out. */
export const WITHOUT_BUNDLING = { 'aws:cdk:bundling-stacks': [] };

export function testApp(): App {
  return new App({ context: WITHOUT_BUNDLING });
}

export function testStack(app = testApp(), name = 'Test'): Stack {
  return new Stack(app, name, { env: { account: '111122223333', region: 'ap-southeast-2' } });
}

/** The app's stack for some `fiskil:` keys, as it goes to CloudFormation. */
export function synthesised(context: Record<string, unknown> = {}): Template {
  const settings = configuration(context);
  return Template.fromStack(
    new TokenVendingStack(testApp(), settings.stackName, {
      configuration: settings,
      env: { account: '111122223333', region: 'ap-southeast-2' },
    }),
  );
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

interface Policies {
  readonly PolicyDocument?: { readonly Statement: Statement[] };
  readonly Policies?: { readonly PolicyDocument: { readonly Statement: Statement[] } }[];
}

/** Every statement of the template that grants something to a role: of its own policies and of those attached to it. */
export function grants(template: Template): Statement[] {
  const resources = Object.values(template.toJSON().Resources as Record<string, { Properties?: Policies }>);
  return resources.flatMap(({ Properties: given = {} }) => [
    ...(given.PolicyDocument?.Statement ?? []),
    ...(given.Policies ?? []).flatMap((policy) => policy.PolicyDocument.Statement),
  ]);
}
