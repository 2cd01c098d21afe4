import { Aws } from 'aws-cdk-lib';
import { AccountPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Caller } from './callers';
import { requestsOf, STAGE } from './vend-grant';

export interface ApiAccess {
  /** Principals of other accounts. */
  readonly callers: readonly Caller[];
  /** ARNs of roles that the API refuses, even if another policy allows them. */
  readonly denied: readonly string[];
  /** The API answers only through these VPC endpoints. Without any, it answers on the internet. */
  readonly vpcEndpointIds: readonly string[];
  /** The names of the configured credentials. */
  readonly credentials: readonly string[];
  /** The account that the API is in. */
  readonly account: string;
}

type PolicyConditions = NonNullable<ConstructorParameters<typeof PolicyStatement>[0]>['conditions'];

/** The API's resource policy; undefined if it needs none. Within the account, a role's own policy is enough. For another account, both policies must
 * allow the call. So that account cannot give its roles more than `fiskil:callers` names.
 */
export function apiPolicy({ callers, denied, vpcEndpointIds, credentials, account }: ApiAccess) {
  const statements = callers.map((caller) => allowCaller(caller, account));
  if (vpcEndpointIds.length > 0) {
    // A private API refuses every caller that its policy does not allow. With the account as the principal, each role's own policy still
    // decides which credentials the role may use. `*` would allow every role of the account every credential.
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
      // This account usually belongs to the organization. An allow here would be enough for its roles, so it must not include them.
      StringNotEquals: { 'aws:PrincipalAccount': account },
    });
  }
  const { principal, credentials } = caller;
  if (!principal.startsWith('arn:')) {
    return allow(new AccountPrincipal(principal), credentials);
  }
  // AWS stores a role that is a principal by its unique id. The same role made again would be another principal, and AWS refuses a policy
  // with a role that does not exist yet. A condition compares the role's name.
  return allow(new AccountPrincipal(principal.split(':')[4]), credentials, {
    ArnEquals: { 'aws:PrincipalArn': principal },
  });
}

/** API Gateway fills in the API's ARN. With the ARN here, the API would depend on itself. */
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
