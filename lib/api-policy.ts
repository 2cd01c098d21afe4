import {
  AccountPrincipal,
  AnyPrincipal,
  ArnPrincipal,
  Effect,
  type IPrincipal,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import type { Caller } from './credentials';
import { requestsOf, STAGE } from './vend-grant';

export interface ApiAccess {
  /** Principals of other accounts. */
  readonly callers: readonly Caller[];
  /** The VPC endpoints through which alone the API answers; none: it answers on the internet. */
  readonly vpcEndpointIds: readonly string[];
  /** The names of the configured credentials. */
  readonly credentials: readonly string[];
  /** The account that the API is in. */
  readonly account: string;
}

/**
 * The API's resource policy; undefined where it needs none. Within the account, a role's own policy is enough beside it.
 * From another account both must allow the call, so what `fiskil:callers` names is the most that account can hand on.
 */
export function apiPolicy({ callers, vpcEndpointIds, credentials, account }: ApiAccess): PolicyDocument | undefined {
  const statements = callers.map(({ principal, credentials: names }) => allow(principalOf(principal), names));
  if (vpcEndpointIds.length > 0) {
    // A private API refuses whoever its policy does not allow. The account as the principal leaves it to each role's own
    // policy which credentials that role may use; `*` would allow every role of the account every credential.
    statements.push(allow(new AccountPrincipal(account), credentials), denyElsewhere(vpcEndpointIds));
  }
  return statements.length > 0 ? new PolicyDocument({ statements }) : undefined;
}

const principalOf = (principal: string): IPrincipal =>
  principal.startsWith('arn:') ? new ArnPrincipal(principal) : new AccountPrincipal(principal);

/** API Gateway fills in the API's ARN: naming it here would make the API depend on itself. */
function allow(principal: IPrincipal, credentials: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    principals: [principal],
    actions: ['execute-api:Invoke'],
    resources: credentials.flatMap(requestsOf).map((request) => `execute-api:/${STAGE}/${request}`),
  });
}

function denyElsewhere(vpcEndpointIds: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['execute-api:Invoke'],
    resources: ['execute-api:/*'],
    conditions: { StringNotEquals: { 'aws:SourceVpce': [...vpcEndpointIds] } },
  });
}
