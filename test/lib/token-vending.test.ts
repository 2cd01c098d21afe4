import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { TokenVending, type TokenVendingAttributes, type TokenVendingProps, TokenVendingStack } from '../../lib';
import { configuration } from '../../lib/config';
import { ConfigurationError } from '../../lib/config-values';
import { testApp, testStack } from './synth';

const TWO = { credentials: { default: {}, 'sandbox-energy': {} } };

const invokable = (api: unknown, path: string) => ({
  'Fn::Join': [
    '',
    ['arn:', { Ref: 'AWS::Partition' }, ':execute-api:ap-southeast-2:111122223333:', api, `/v1/${path}`],
  ],
});

describe('grantVend', () => {
  test('allows one credential: its token and its rejections, nothing of another', () => {
    const stack = testStack();
    const role = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    const vending = new TokenVending(stack, 'Fiskil', TWO);
    vending.grantVend(role, 'sandbox-energy');
    const api = stack.resolve(vending.api.restApiId);
    Template.fromStack(stack).hasResource('AWS::IAM::Policy', {
      Properties: {
        Roles: [{ Ref: Match.stringLikeRegexp('^Caller') }],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: 'execute-api:Invoke',
              Resource: [
                invokable(api, 'GET/tokens/sandbox-energy'),
                invokable(api, 'POST/tokens/sandbox-energy/rejections'),
              ],
            },
          ],
        },
      },
    });
  });

  describe('warns of a function that may be ended while it waits for a token', () => {
    const SENTENCE = Match.stringLikeRegexp('may time out while it waits for a token, which can take 30 s');
    function warnings(timeout: Duration | undefined, imported = false) {
      const stack = testStack();
      const vending = imported
        ? TokenVending.fromTokenVendingAttributes(stack, 'Fiskil')
        : new TokenVending(stack, 'Fiskil');
      const caller = new Lambda(stack, 'Caller', {
        runtime: Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: Code.fromInline('exports.handler = async () => {}'),
        ...(timeout === undefined ? {} : { timeout }),
      });
      vending.grantVend(caller);
      return Annotations.fromStack(stack).findWarning('/Test/Caller', SENTENCE);
    }

    test('of Lambda’s 3 seconds, said or not, and of less than a call can take', () => {
      expect(warnings(undefined)).toHaveLength(1);
      expect(warnings(Duration.seconds(3))).toHaveLength(1);
      expect(warnings(Duration.seconds(29))).toHaveLength(1);
      expect(warnings(undefined, true)).toHaveLength(1);
    });

    test('and of no other: one with time enough, a role, a function that does not say', () => {
      expect(warnings(Duration.seconds(30))).toEqual([]);
      expect(warnings(Duration.minutes(1), true)).toEqual([]);
      const stack = testStack();
      const vending = TokenVending.fromTokenVendingAttributes(stack, 'Fiskil');
      vending.grantVend(new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }));
      vending.grantVend(
        Lambda.fromFunctionArn(stack, 'Imported', 'arn:aws:lambda:ap-southeast-2:111122223333:function:x'),
      );
      expect(Annotations.fromStack(stack).findWarning('*', SENTENCE)).toEqual([]);
    });
  });

  test.each(['other', 'toString', '*'])('refuses the credential %j, which is not configured', (credential) => {
    const stack = testStack();
    const role = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    expect(() => new TokenVending(stack, 'Fiskil', TWO).grantVend(role, credential)).toThrow(
      new ConfigurationError(
        'grantVend: the second argument is not a name in credentials: correct it, or add it there.',
      ),
    );
  });
});

test('an API of another stack has two names: the one of CDK, and a short one', () => {
  expect(TokenVending.fromAttributes).toBe(TokenVending.fromTokenVendingAttributes);
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
    // Behind a hyphen, a host name has the VPC endpoint; an API's id has none.
    const id = { 'Fn::Select': [0, { 'Fn::Split': ['-', label(0)] }] };
    expect(resources).toEqual([
      arn(id, label(2), '111122223333', 'GET/tokens/sandbox-energy'),
      arn(id, label(2), '111122223333', 'POST/tokens/sandbox-energy/rejections'),
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

  test.each([
    ['through a VPC endpoint', 'https://abc123-vpce-0123456789abcdef0.execute-api.eu-west-1.amazonaws.com/v1/'],
    ['of China', 'https://abc123.execute-api.eu-west-1.amazonaws.com.cn/v1/'],
  ])('finds the id and the region in a host name %s', (_what, url) => {
    expect(JSON.stringify(caller({ url }).resources)).toContain(
      'execute-api:eu-west-1:111122223333:abc123/v1/GET/tokens/default',
    );
  });

  test.each<[string, TokenVendingAttributes]>([
    ['a custom domain', { url: 'https://fiskil.example.com/v1/' }],
    ['a custom domain with one of the two', { url: 'https://fiskil.example.com/v1/', apiId: 'abc123' }],
    ['a custom domain with the other', { url: 'https://fiskil.example.com/v1/', region: 'eu-west-1' }],
    ['a VPC endpoint alone', { url: 'https://vpce-0123-abcd.execute-api.eu-west-1.vpce.amazonaws.com/v1/' }],
    ['a host that only looks like it', { url: 'https://x.abc123.execute-api.eu-west-1.amazonaws.com/v1/' }],
  ])('refuses a URL that does not say which API it is of: %s', (_what, attributes) => {
    expect(() => caller(attributes)).toThrow(
      new ConfigurationError(
        'fromTokenVendingAttributes: url does not name the API, as with a custom domain or with only a VPC endpoint: give apiId and region too.',
      ),
    );
  });

  test.each<[TokenVendingAttributes, RegExp]>([
    [{ url: 'not a url canary' }, /^fromTokenVendingAttributes: url must be a complete https URL/],
    [
      { url: 'http://abc123.execute-api.eu-west-1.amazonaws.com/canary' },
      /^fromTokenVendingAttributes: url must be a complete https URL/,
    ],
    [
      { url: 'canary', apiId: 'abc123', region: 'eu-west-1' },
      /^fromTokenVendingAttributes: url must be a complete https URL/,
    ],
    [{ apiId: 'canary*' }, /^fromTokenVendingAttributes: apiId must be the API's id/],
    [{ region: '*canary' }, /^fromTokenVendingAttributes: region must be a region/],
    [{ account: 'canary' }, /^fromTokenVendingAttributes: account must be an account id/],
  ])('refuses %j with a sentence that does not repeat it', (attributes, sentence) => {
    expect(() => caller(attributes)).toThrow(sentence);
    expect(() => caller(attributes)).not.toThrow(/canary/);
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
    /^callers\[0\].credentials\[0\] is not a name in credentials/,
  ],
  [{ secretOperators: [] }, /^secretOperators is empty/],
])('the construct in a stack of your own checks its properties as the app does: %j', (props, sentence) => {
  expect(() => new TokenVending(testStack(), 'Fiskil', props)).toThrow(sentence);
});

describe('a synth', () => {
  function said(context: Record<string, unknown>, env?: { account: string; region: string }) {
    const settings = configuration(context);
    const props = { configuration: settings, ...(env ? { env } : {}) };
    const annotations = Annotations.fromStack(new TokenVendingStack(testApp(), settings.stackName, props));
    const all = (found: { entry: { data?: unknown } }[]) => found.map(({ entry }) => entry.data);
    return {
      info: all(annotations.findInfo('*', Match.anyValue())),
      warnings: all(annotations.findWarning('*', Match.anyValue())),
      errors: all(annotations.findError('*', Match.anyValue())),
    };
  }
  const account = '111122223333';
  const NAMES =
    'A changed fiskil:prefix or credential name makes a new, empty secret; the old one is kept with its pair. [ack: fiskil:names-of-secrets]';

  test('says where the stack goes, and what becomes of the pair when a name changes, and warns of nothing', () => {
    expect(said({}, { account, region: 'ap-southeast-2' })).toEqual({
      info: ['This is for the account 111122223333 and the region ap-southeast-2. [ack: fiskil:target]', NAMES],
      warnings: [],
      errors: [],
    });
  });

  test('says so where nobody knows', () => {
    const { info, warnings } = said({});
    expect(info).toEqual([
      'CDK found no AWS credentials, so the account and the region are those of the later deploy. [ack: fiskil:target]',
      NAMES,
    ]);
    expect(warnings).toEqual([]);
  });

  test('warns of another region than Sydney, which is where CDK goes when none is set, if Fiskil itself is asked', () => {
    const elsewhere = { account, region: 'us-east-1' };
    expect(said({}, elsewhere).warnings).toEqual([
      expect.stringMatching(/Australian.*us-east-1.*AWS_REGION=ap-southeast-2/),
    ]);
    expect(said({ 'fiskil:tokenUrl': 'https://sandbox.example.com/token' }, elsewhere).warnings).toEqual([]);
  });
});
