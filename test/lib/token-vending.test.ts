import { describe, expect, test } from '@jest/globals';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { TokenVending, type TokenVendingProps, TokenVendingStack } from '../../lib';
import { configuration } from '../../lib/config';
import { ConfigurationError } from '../../lib/config-values';
import { testApp, testStack } from './synth';

const TWO = { credentials: { default: {}, 'sandbox-energy': {} } };

const invokable = (path: string) => ({
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':execute-api:ap-southeast-2:111122223333:',
      { Ref: 'FiskilVendingApiBB55A55D' },
      `/v1/${path}`,
    ],
  ],
});

describe('grantVend', () => {
  test('allows one credential: its token and its rejections, nothing of another', () => {
    const stack = testStack();
    const role = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    new TokenVending(stack, 'Fiskil', TWO).grantVend(role, 'sandbox-energy');
    Template.fromStack(stack).hasResource('AWS::IAM::Policy', {
      Properties: {
        Roles: [{ Ref: Match.stringLikeRegexp('^Caller') }],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: 'execute-api:Invoke',
              Resource: [invokable('GET/tokens/sandbox-energy'), invokable('POST/tokens/sandbox-energy/rejections')],
            },
          ],
        },
      },
    });
  });

  test.each(['other', 'toString', '*'])('refuses the credential %j, which is not configured', (credential) => {
    const stack = testStack();
    const role = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    expect(() => new TokenVending(stack, 'Fiskil', TWO).grantVend(role, credential)).toThrow(
      new ConfigurationError('grantVend: the second argument is no name in credentials: correct it, or add it there.'),
    );
  });
});

describe('fromTokenVendingAttributes', () => {
  /** What a role of another stack is allowed, and what a function there is told. */
  function caller(attributes: Parameters<typeof TokenVending.fromTokenVendingAttributes>[2], credential?: string) {
    const stack = testStack(testApp(), 'CallerStack');
    const role = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    const vending = TokenVending.fromTokenVendingAttributes(stack, 'Fiskil', attributes);
    vending.grantVend(role, credential);
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    return { url: stack.resolve(vending.url), resources: policy?.Properties.PolicyDocument.Statement[0].Resource };
  }
  const arn = (id: unknown, region: unknown, account: string, path: string) => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':execute-api:', region, `:${account}:`, id, `/v1/${path}`]],
  });

  test('finds the API by the SSM parameter of the prefix, whose value says the rest when the stack is deployed', () => {
    const { url, resources } = caller(undefined, 'sandbox-energy');
    expect(url).toEqual({ Ref: expect.stringMatching(/^SsmParameterValuefiskiltokenapiurl/) });
    const label = (index: number) => ({
      'Fn::Select': [index, { 'Fn::Split': ['.', { 'Fn::Select': [2, { 'Fn::Split': ['/', url] }] }] }],
    });
    expect(resources).toEqual([
      arn(label(0), label(2), '111122223333', 'GET/tokens/sandbox-energy'),
      arn(label(0), label(2), '111122223333', 'POST/tokens/sandbox-energy/rejections'),
    ]);
  });

  test('takes the URL as it is, also that of another account and region', () => {
    const url = 'https://abc123.execute-api.eu-west-1.amazonaws.com/v1/';
    const { resources } = caller({ url, account: '444455556666' });
    const call = (path: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:execute-api:eu-west-1:444455556666:abc123/v1/${path}`]],
    });
    expect(resources).toEqual([call('GET/tokens/default'), call('POST/tokens/default/rejections')]);
  });

  test('takes an API id where the URL does not hold one', () => {
    const { resources } = caller({ url: 'https://fiskil.example.com/v1/', apiId: 'abc123', region: 'eu-west-1' });
    expect(JSON.stringify(resources)).toContain('execute-api:eu-west-1:111122223333:abc123/v1/GET/tokens/default');
  });

  test.each(['*', 'Default', 'a/b'])('refuses %j, which no credential is called', (name) => {
    expect(() => caller({}, name)).toThrow(/^grantVend: the second argument must be the name of a credential/);
  });
});

test.each<[TokenVendingProps, RegExp]>([
  [{ prefix: 'a b' }, /^prefix must be/],
  [{ credentials: { Bad: {} } }, /^credentials: name 1 cannot be used/],
  [{ tokenUrl: 'http://api.fiskil.com/' }, /^tokenUrl must begin with https/],
  [{ throttle: { rate: 0, burst: 1 } }, /^throttle.rate must be/],
  [{ callers: [{ principal: '*', credentials: ['default'] }] }, /^callers\[0\].principal must be/],
  [
    { callers: [{ principal: '111122223333', credentials: ['x'] }] },
    /^callers\[0\].credentials\[0\] is no name in credentials/,
  ],
  [{ secretOperators: [] }, /^secretOperators is empty/],
])('the construct in a stack of your own checks its properties as the app does: %j', (props, sentence) => {
  expect(() => new TokenVending(testStack(), 'Fiskil', props)).toThrow(sentence);
});

test('a synth says once what becomes of the pair when a name changes, and warns of nothing', () => {
  const app = testApp();
  const stack = new TokenVendingStack(app, 'FiskilTokenVending', { configuration: configuration({}) });
  const annotations = Annotations.fromStack(stack);
  expect(annotations.findInfo('*', Match.anyValue()).map(({ entry }) => entry.data)).toEqual([
    'A changed fiskil:prefix or credential name makes a new, empty secret; the old one is kept with its pair. [ack: fiskil:names-of-secrets]',
  ]);
  expect(annotations.findWarning('*', Match.anyValue())).toEqual([]);
  expect(annotations.findError('*', Match.anyValue())).toEqual([]);
});
