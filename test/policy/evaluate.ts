import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Template } from 'aws-cdk-lib/assertions';

export const ACCOUNT = '111122223333';
export const REGION = 'ap-southeast-2';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
};

/** What CloudFormation would put where a policy refers to something. Each resource's id is its logical id. */
export function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof ref === 'string') return PSEUDO[ref] ?? ref;
  if (Array.isArray(attribute)) return arnOf(attribute[0]);
  if (Array.isArray(join)) return (resolved(join[1]) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolved(each)]));
}

/** Only the resources whose ARN a policy can name here. */
function arnOf(id: string): string {
  if (id.includes('Role')) return `arn:aws:iam::${ACCOUNT}:role/${id}`;
  if (id.includes('Table')) return `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${id}`;
  if (id.includes('Key')) return `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
  return `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${id}`;
}

/** The one property of the one resource of a type whose logical id holds `part`, resolved. */
export function property(template: Template, type: string, part: string, name: string): object {
  const found = Object.entries(template.findResources(type)).filter(([id]) => id.includes(part));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} with ${part}`);
  return resolved(found[0]?.[1].Properties[name]) as object;
}

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
