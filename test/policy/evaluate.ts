import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Template } from 'aws-cdk-lib/assertions';
import type { Resource } from '../support/resources';

export const ACCOUNT = '111122223333';
export const REGION = 'ap-southeast-2';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
};

/** What CloudFormation would put where a policy refers to something. Each resource's id is its logical id. */
export function resolved(template: Template, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => resolved(template, each));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof ref === 'string') return PSEUDO[ref] ?? ref;
  if (Array.isArray(attribute)) return arnOf(template, attribute[0]);
  if (Array.isArray(join)) return (resolved(template, join[1]) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolved(template, each)]));
}

/** The resources whose ARN a policy names, each with the last part of its ARN before the id. */
const ARNS: Readonly<Record<string, string>> = {
  'AWS::IAM::Role': `iam::${ACCOUNT}:role/`,
  'AWS::DynamoDB::Table': `dynamodb:${REGION}:${ACCOUNT}:table/`,
  'AWS::KMS::Key': `kms:${REGION}:${ACCOUNT}:key/`,
  'AWS::Logs::LogGroup': `logs:${REGION}:${ACCOUNT}:log-group:`,
};

export function arnOf(template: Template, id: string): string {
  const { Type } = template.toJSON().Resources[id];
  if (!(Type in ARNS)) throw new Error(`the ARN of a ${Type} is not known here`);
  return `arn:aws:${ARNS[Type]}${id}`;
}

/** A property of a resource, resolved. */
export const property = (template: Template, resource: Resource, name: string) =>
  resolved(template, resource.Properties[name]) as object;

export const ALLOW_ALL = statement('Allow', '*', '*');

export function statement(Effect: string, Action: string | string[], Resource: string | string[]): object {
  return { Version: '2012-10-17', Statement: [{ Effect, Action, Resource }] };
}

export interface Question {
  /** The ARN of a role, a role's session, or an account's root. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** What the principal's own policies say. @default - nothing */
  readonly identity?: readonly object[];
  /** @default - none */
  readonly resourcePolicy?: object;
  readonly context?: Readonly<Record<string, string>>;
}

/** Whether AWS's rules of evaluation let the request through. Throws for a request or a policy that AWS would not take. */
export async function isAllowed(question: Question): Promise<boolean> {
  const { principal, action, resource, identity = [], resourcePolicy, context = {} } = question;
  const account = (arn: string) => arn.split(':')[4] ?? '';
  const simulation = {
    request: {
      principal,
      action,
      resource: { resource, accountId: ACCOUNT },
      contextVariables: { 'aws:PrincipalArn': principal, 'aws:PrincipalAccount': account(principal), ...context },
    },
    identityPolicies: identity.map((policy, index) => ({ name: `p${index}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy,
  };
  const answer = await runSimulation(withKnownKeys(simulation), {});
  if (answer.resultType !== 'single') throw new Error(JSON.stringify(answer));
  const { ignoredContextKeys: ignored = [] } = answer.result;
  if (ignored.length > 0) throw new Error(`${action} has no ${ignored.join()}`);
  return answer.overallResult === 'Allowed';
}

/** The evaluator ignores keys of a service whose names hold a part of the request; any other key of text does as well. */
function withKnownKeys<T>(simulation: T): T {
  return JSON.parse(JSON.stringify(simulation).replaceAll('kms:EncryptionContext:SecretARN', 'aws:referer'));
}
