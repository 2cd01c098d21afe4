import { Aws } from 'aws-cdk-lib';
import { AccountPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Caller } from './callers';
import { requestsOf, STAGE } from './vend-grant';

export interface ApiAccess {
  /** Principals of other accounts. */
  readonly callers: readonly Caller[];
  /** ARNs of roles that are refused, whatever else allows them. */
  readonly denied: readonly string[];
  /** The VPC endpoints through which alone the API answers; none: it answers on the internet. */
  readonly vpcEndpointIds: readonly string[];
  /** The names of the configured credentials. */
  readonly credentials: readonly string[];
  /** The account that the API is in. */
  readonly account: string;
}

type PolicyConditions = NonNullable<ConstructorParameters<typeof PolicyStatement>[0]>['conditions'];

/**
 * The API's resource policy; undefined where it needs none. Within the account, a role's own policy is enough beside it.
 * From another account both must allow the call, so what `fiskil:callers` names is the most that account can hand on.
 */
export function apiPolicy({ callers, denied, vpcEndpointIds, credentials, account }: ApiAccess) {
  const statements = callers.map((caller) => allowCaller(caller, account));
  if (vpcEndpointIds.length > 0) {
    // A private API refuses whoever its policy does not allow. The account as the principal leaves it to each role's own
    // policy which credentials that role may use; `*` would allow every role of the account every credential.
    statements.push(
      allow(new AccountPrincipal(account), credentials),
      deny({ StringNotEquals: { 'aws:SourceVpce': [...vpcEndpointIds] } }),
    );
  }
  if (denied.length > 0) {
    statements.push(deny({ ArnEquals: { 'aws:PrincipalArn': [...denied] } }));
  }
  return statements.length > 0 ? new PolicyDocument({ statements }) : undefined;
}

function allowCaller(caller: Caller, account: string): PolicyStatement {
  if ('organization' in caller) {
    return allow(new AnyPrincipal(), caller.credentials, {
      StringEquals: { 'aws:PrincipalOrgID': caller.organization },
      ArnLike: { 'aws:PrincipalArn': caller.roles.map((role) => `arn:${Aws.PARTITION}:iam::*:role/${role}`) },
      // This account is of the organization as a rule, and for its roles to be allowed here would be enough.
      StringNotEquals: { 'aws:PrincipalAccount': account },
    });
  }
  const { principal, credentials } = caller;
  if (!principal.startsWith('arn:')) {
    return allow(new AccountPrincipal(principal), credentials);
  }
  // AWS keeps a role that is a principal by its unique id: made again, it would be another one, and where it is not there
  // yet, the policy would be refused. A condition is about its name.
  return allow(new AccountPrincipal(principal.split(':')[4]), credentials, {
    ArnEquals: { 'aws:PrincipalArn': principal },
  });
}

/** API Gateway fills in the API's ARN: naming it here would make the API depend on itself. */
function allow(
  principal: AccountPrincipal | AnyPrincipal,
  credentials: readonly string[],
  conditions: PolicyConditions = {},
): PolicyStatement {
  return new PolicyStatement({
    principals: [principal],
    actions: ['execute-api:Invoke'],
    resources: credentials.flatMap(requestsOf).map((request) => `execute-api:/${STAGE}/${request}`),
    conditions,
  });
}

function deny(conditions: NonNullable<PolicyConditions>): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['execute-api:Invoke'],
    resources: ['execute-api:/*'],
    conditions,
  });
}
