import { expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type ITokenVending, TokenVending } from '../../lib';
import { ConfigurationError } from '../../lib/config-values';
import { testApp, testStack } from './synth';

const TWO = { credentials: { default: {}, 'sandbox-energy': {} } };

function callerIn(stack: Stack, id = 'Caller'): Lambda {
  return new Lambda(stack, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => {}'),
  });
}

const ANOTHER = new ConfigurationError(
  'connect: this function is connected to another credential, and its variables hold only one: use grantVend for the others, and pass their names to the client.',
);

test.each<[string, (stack: Stack) => ITokenVending]>([
  ['of its own stack', (stack) => new TokenVending(stack, 'Fiskil')],
  ['of another stack', (stack) => TokenVending.fromTokenVendingAttributes(stack, 'Fiskil')],
])('connect tells a function where to ask and for what, and allows it: the API %s', (_what, make) => {
  const stack = testStack();
  const vending = make(stack);
  vending.connect(callerIn(stack));
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { FISKIL_TOKEN_API_URL: stack.resolve(vending.url), FISKIL_CREDENTIAL: 'default' } },
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: Match.stringLikeRegexp('^Caller') }],
    PolicyDocument: { Statement: [{ Action: 'execute-api:Invoke' }] },
  });
});

test('grantVend is a policy and nothing else, also for a function', () => {
  const stack = testStack();
  TokenVending.fromTokenVendingAttributes(stack, 'Fiskil').grantVend(callerIn(stack));
  const [caller] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
  expect(caller?.Properties.Environment).toBeUndefined();
});

test('a function that uses a second credential is told the one that it is connected to, in whatever order', () => {
  const variables = (order: readonly ('connect' | 'grantVend')[]) => {
    const stack = testStack();
    const [vending, caller] = [TokenVending.fromTokenVendingAttributes(stack, 'Fiskil'), callerIn(stack)];
    for (const call of order) vending[call](caller, call === 'connect' ? 'sandbox-energy' : 'default');
    return Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'))[0]?.Properties.Environment;
  };
  expect(variables(['connect', 'grantVend'])).toMatchObject({ Variables: { FISKIL_CREDENTIAL: 'sandbox-energy' } });
  expect(variables(['grantVend', 'connect'])).toEqual(variables(['connect', 'grantVend']));
});

test.each([
  ['default', 'sandbox-energy'],
  ['sandbox-energy', 'default'],
])('a function cannot be connected to two credentials, whichever comes first: %s, %s', (first, second) => {
  const stack = testStack();
  const [vending, caller] = [new TokenVending(stack, 'Fiskil', TWO), callerIn(stack)];
  vending.connect(caller, first);
  vending.connect(caller, first);
  expect(() => vending.connect(caller, second)).toThrow(ANOTHER);
  const other = TokenVending.fromTokenVendingAttributes(stack, 'Other');
  expect(() => other.connect(caller, first)).toThrow(ANOTHER);
  expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toEqual(
    expect.arrayContaining([expect.stringMatching(/^Caller/)]),
  );
});

test('what one app connected, another one does not know', () => {
  for (const credential of ['default', 'sandbox-energy']) {
    const stack = testStack(testApp());
    new TokenVending(stack, 'Fiskil', TWO).connect(callerIn(stack), credential);
  }
});

test('connect refuses a credential that there is not', () => {
  const stack = testStack();
  const vending = new TokenVending(stack, 'Fiskil');
  expect(() => vending.connect(callerIn(stack), 'other')).toThrow(/^connect: the second argument is not a name/);
});

test("a Fargate task's role can be granted tokens", () => {
  const stack = testStack();
  const task = new FargateTaskDefinition(stack, 'Nightly');
  TokenVending.fromTokenVendingAttributes(stack, 'Fiskil').grantVend(task.taskRole);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: Match.stringLikeRegexp('^NightlyTaskRole') }],
    PolicyDocument: { Statement: [{ Action: 'execute-api:Invoke' }] },
  });
});
