import { describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { synthesised } from '../lib/synth';
import { resources, theOnly } from '../support/resources';
import { ACCOUNT, isAllowed, property, REGION, statement } from './evaluate';

const OTHER = '444455556666';
const role = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
const CREDENTIALS = { 'fiskil:credentials': { default: {}, 'sandbox-energy': {} } };
const CALLERS = [
  { principal: role(OTHER, 'team/reports'), credentials: ['default'] },
  { principal: '777788889999', credentials: ['sandbox-energy'] },
];
const ENDPOINT = 'vpce-0123456789abcdef0';

const apiOf = (template: Template) => theOnly(template, 'AWS::ApiGateway::RestApi');
const call = (template: Template, path: string) =>
  `arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiOf(template).id}/v1/${path}`;

const NO_POLICY = { Version: '2012-10-17', Statement: [] };

/** As API Gateway stores it: with its own ARN where the policy leaves it out. */
function apiPolicyOf(template: Template): object {
  const text = JSON.stringify(property(template, apiOf(template), 'Policy') ?? NO_POLICY);
  return JSON.parse(
    text.replaceAll('"execute-api:/', `"arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiOf(template).id}/`),
  );
}

const EVERYTHING = statement('Allow', 'execute-api:Invoke', '*');

/** Who may have a token, by the API's policy and what their own policies say. */
async function may(
  template: Template,
  principal: string,
  path: string,
  identity: object[],
  vpce?: string,
  organization?: string,
) {
  return isAllowed({
    principal,
    action: 'execute-api:Invoke',
    resource: call(template, path),
    identity,
    resourcePolicy: apiPolicyOf(template),
    context: {
      ...(vpce === undefined ? {} : { 'aws:SourceVpce': vpce }),
      ...(organization === undefined ? {} : { 'aws:PrincipalOrgID': organization }),
    },
  });
}

/** @param credential in Pascal case, as the stack's output has it */
function vendPolicy(template: Template, credential: string): object {
  const { Ref } = template.toJSON().Outputs[`VendPolicyArn${credential}`].Value;
  return property(
    template,
    theOnly(template, 'AWS::IAM::ManagedPolicy', ({ id }) => id === Ref),
    'PolicyDocument',
  );
}

describe('callers of other accounts', () => {
  const template = synthesised({ ...CREDENTIALS, 'fiskil:callers': CALLERS });

  test.each<[string, string, string, boolean]>([
    ['a named role gets its credential', role(OTHER, 'team/reports'), 'GET/tokens/default', true],
    ['and may reject its tokens', role(OTHER, 'team/reports'), 'POST/tokens/default/rejections', true],
    ['but not another credential', role(OTHER, 'team/reports'), 'GET/tokens/sandbox-energy', false],
    ['nor another method', role(OTHER, 'team/reports'), 'DELETE/tokens/default', false],
    ['nor a path below', role(OTHER, 'team/reports'), 'GET/tokens/default/x', false],
    ['another role of its account gets nothing', role(OTHER, 'team/reports-2'), 'GET/tokens/default', false],
    ['any role of a named account gets its credential', role('777788889999', 'any'), 'GET/tokens/sandbox-energy', true],
    ['and no other', role('777788889999', 'any'), 'GET/tokens/default', false],
    ['an account that is not named gets nothing', role('123412341234', 'any'), 'GET/tokens/default', false],
  ])('%s', async (_what, principal, path, allowed) => {
    expect(await may(template, principal, path, [EVERYTHING])).toBe(allowed);
  });

  test('a role is allowed by its name: one that was deleted and made again, or is not there yet, is the same to the policy', () => {
    const { Statement } = apiPolicyOf(template) as { Statement: object[] };
    expect(Statement[0]).toMatchObject({
      // AWS would keep the unique id of a role that stood here.
      Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
      Condition: { ArnEquals: { 'aws:PrincipalArn': role(OTHER, 'team/reports') } },
    });
    expect(JSON.stringify(Statement.map((each) => (each as { Principal: unknown }).Principal))).not.toContain('role/');
  });

  test('need a policy of their own as well', async () => {
    expect(await may(template, role(OTHER, 'team/reports'), 'GET/tokens/default', [])).toBe(false);
  });

  test('change nothing for the roles of this account, which need their own policy only', async () => {
    const own = [vendPolicy(template, 'Default')];
    expect(await may(template, role(ACCOUNT, 'job'), 'GET/tokens/default', own)).toBe(true);
    expect(await may(template, role(ACCOUNT, 'job'), 'GET/tokens/sandbox-energy', own)).toBe(false);
    expect(await may(template, role(ACCOUNT, 'job'), 'GET/tokens/default', [])).toBe(false);
  });

  test('are the whole of the policy; without them the API has none', () => {
    expect(JSON.stringify(property(template, apiOf(template), 'Policy'))).not.toContain('*');
    expect(apiOf(synthesised(CREDENTIALS)).Properties.Policy).toBeUndefined();
  });

  test('take effect at once: a changed policy makes a new deployment of the API', () => {
    const deployment = (from: Template) => Object.keys(from.findResources('AWS::ApiGateway::Deployment'));
    expect(deployment(template)).not.toEqual(deployment(synthesised(CREDENTIALS)));
  });
});

describe('callers of an organization', () => {
  const OURS = 'o-a1b2c3d4e5';
  const callers = [{ organization: OURS, roles: ['nightly-*', 'team/reports'], credentials: ['default'] }];
  const template = synthesised({ ...CREDENTIALS, 'fiskil:callers': callers });

  test.each<[string, string, string, string | undefined, boolean]>([
    ['a role whose name fits', role(OTHER, 'nightly-sync'), 'GET/tokens/default', OURS, true],
    ['and may reject its tokens', role(OTHER, 'nightly-sync'), 'POST/tokens/default/rejections', OURS, true],
    ['one of another account too', role('777788889999', 'team/reports'), 'GET/tokens/default', OURS, true],
    ['but no other credential', role(OTHER, 'nightly-sync'), 'GET/tokens/sandbox-energy', OURS, false],
    ['nor a role of another name', role(OTHER, 'reports'), 'GET/tokens/default', OURS, false],
    ['nor another path', role(OTHER, 'other/nightly-sync'), 'GET/tokens/default', OURS, false],
    ['nor another organization', role(OTHER, 'nightly-sync'), 'GET/tokens/default', 'o-zzzzzzzzzz', false],
    ['nor an account of none', role(OTHER, 'nightly-sync'), 'GET/tokens/default', undefined, false],
    ['nor a user of that name', `arn:aws:iam::${OTHER}:user/nightly-sync`, 'GET/tokens/default', OURS, false],
  ])('%s', async (_what, principal, path, organization, allowed) => {
    expect(await may(template, principal, path, [EVERYTHING], undefined, organization)).toBe(allowed);
  });

  test('need a policy of their own as well, and so does a role of this account, whatever its name', async () => {
    const ask = (principal: string, identity: object[]) =>
      may(template, principal, 'GET/tokens/default', identity, undefined, OURS);
    expect(await ask(role(OTHER, 'nightly-sync'), [])).toBe(false);
    expect(await ask(role(ACCOUNT, 'nightly-sync'), [])).toBe(false);
    expect(await ask(role(ACCOUNT, 'nightly-sync'), [vendPolicy(template, 'Default')])).toBe(true);
  });
});

describe('a role in fiskil:denied', () => {
  const denied = [role(ACCOUNT, 'team/job'), role(OTHER, 'team/reports')];
  const open = synthesised({ ...CREDENTIALS, 'fiskil:denied': denied });
  const shared = synthesised({
    ...CREDENTIALS,
    'fiskil:denied': denied,
    'fiskil:callers': [{ principal: OTHER, credentials: ['default'] }],
    'fiskil:vpcEndpointIds': [ENDPOINT],
  });

  test('gets no token and rejects none, of this account or another, whatever allows it', async () => {
    for (const principal of denied) {
      for (const path of ['GET/tokens/default', 'POST/tokens/default/rejections']) {
        expect(await may(open, principal, path, [EVERYTHING])).toBe(false);
        expect(await may(shared, principal, path, [EVERYTHING], ENDPOINT)).toBe(false);
      }
    }
  });

  test('is the only one that is cut off', async () => {
    const own = [vendPolicy(open, 'Default')];
    expect(await may(open, role(ACCOUNT, 'team/job-2'), 'GET/tokens/default', own)).toBe(true);
    expect(await may(open, role(ACCOUNT, 'job'), 'GET/tokens/default', [])).toBe(false);
    expect(await may(shared, role(ACCOUNT, 'job'), 'GET/tokens/default', own, ENDPOINT)).toBe(true);
    expect(await may(shared, role(OTHER, 'sync'), 'GET/tokens/default', [EVERYTHING], ENDPOINT)).toBe(true);
  });
});

describe('a private API', () => {
  const template = synthesised({ ...CREDENTIALS, 'fiskil:callers': CALLERS, 'fiskil:vpcEndpointIds': [ENDPOINT] });
  const own = [vendPolicy(template, 'Default')];

  test.each<[string, string, string, object[], string | undefined, boolean]>([
    ['a role of this account through the endpoint', role(ACCOUNT, 'job'), 'GET/tokens/default', own, ENDPOINT, true],
    ['with another credential', role(ACCOUNT, 'job'), 'GET/tokens/sandbox-energy', own, ENDPOINT, false],
    ['without a policy of its own', role(ACCOUNT, 'job'), 'GET/tokens/default', [], ENDPOINT, false],
    ['through another endpoint', role(ACCOUNT, 'job'), 'GET/tokens/default', own, 'vpce-0aaaaaaaaaaaaaaa0', false],
    ['past every endpoint', role(ACCOUNT, 'job'), 'GET/tokens/default', own, undefined, false],
    ['another account', role(OTHER, 'team/reports'), 'GET/tokens/default', [EVERYTHING], ENDPOINT, true],
    ['another account past it', role(OTHER, 'team/reports'), 'GET/tokens/default', [EVERYTHING], undefined, false],
    ['an account that is not named', role('123412341234', 'x'), 'GET/tokens/default', [EVERYTHING], ENDPOINT, false],
  ])('%s', async (_what, principal, path, identity, vpce, allowed) => {
    expect(await may(template, principal, path, identity, vpce)).toBe(allowed);
  });

  test('has these endpoints as its own, and no public address', () => {
    template.hasResourceProperties('AWS::ApiGateway::RestApi', {
      EndpointConfiguration: { Types: ['PRIVATE'], VpcEndpointIds: [ENDPOINT] },
    });
  });
});

test("a credential's policy has no name of its own, and allows that credential's two calls", async () => {
  const template = synthesised(CREDENTIALS);
  for (const { Properties } of resources(template, 'AWS::IAM::ManagedPolicy')) {
    expect(Properties.ManagedPolicyName).toBeUndefined();
  }
  const ask = (path: string) => may(template, role(ACCOUNT, 'job'), path, [vendPolicy(template, 'SandboxEnergy')]);
  expect(await ask('GET/tokens/sandbox-energy')).toBe(true);
  expect(await ask('POST/tokens/sandbox-energy/rejections')).toBe(true);
  expect(await ask('DELETE/tokens/sandbox-energy')).toBe(false);
  expect(await ask('GET/tokens/default')).toBe(false);
});
