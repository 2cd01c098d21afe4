import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { TokenVending, type TokenVendingProps } from '../../lib';
import { synthesised, testApp, testStack } from './synth';

const ARN = 'arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:';
const SECRET = `${ARN}team/fiskil-AbC123`;
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const withCredentials = (credentials: object, more: object = {}) =>
  synthesised({ 'fiskil:credentials': credentials, ...more });

describe('a secret that cannot be of this stack is refused at synth', () => {
  test.each<[string, object, string]>([
    [
      'of another region',
      { a: { secretArn: SECRET.replace('ap-southeast-2', 'eu-west-1') } },
      'fiskil:credentials.a.secretArn is in another region than the stack: name one in this region, or deploy the stack to that region.',
    ],
    [
      'of another account',
      { a: { secretArn: SECRET.replace('111122223333', '444455556666') } },
      'fiskil:credentials.a.secretArn is in another account than the stack: name one in this account, because rotation works in no other.',
    ],
    [
      'with a key of another region',
      { a: { secretArn: SECRET, kmsKeyArn: KEY } },
      'fiskil:credentials.a.kmsKeyArn is in another region than the secret: name the key that encrypts the secret in its region.',
    ],
    [
      'that another credential has',
      { a: { secretArn: SECRET }, b: {}, c: { secretArn: SECRET } },
      'fiskil:credentials: names 1 and 3 have the same secret: each credential needs its own.',
    ],
    [
      'that the stack makes for another credential',
      { default: {}, b: { secretArn: `${ARN}fiskil/default-AbC123` } },
      'fiskil:credentials: names 1 and 2 have the same secret: each credential needs its own.',
    ],
  ])('%s', (_what, credentials, sentence) => {
    expect(() => withCredentials(credentials)).toThrow(sentence);
  });

  describe('in a stack of one’s own too', () => {
    const secretOf = (stack: Stack, arn: string, id = 'Secret') => Secret.fromSecretCompleteArn(stack, id, arn);
    const vending = (stack: Stack, props: TokenVendingProps) => () => new TokenVending(stack, 'Fiskil', props);

    test('of another region, unless the stack can be in any', () => {
      const foreign = SECRET.replace('ap-southeast-2', 'eu-west-1');
      const here = testStack();
      expect(vending(here, { credentials: { a: { secret: secretOf(here, foreign) } } })).toThrow(
        /^credentials\.a\.secret is in another region than the stack/,
      );
      const anywhere = new Stack(testApp(), 'Anywhere');
      expect(vending(anywhere, { credentials: { a: { secret: secretOf(anywhere, foreign) } } })).not.toThrow();
    });

    test('that two credentials have, but not two that the app makes', () => {
      const stack = testStack();
      const shared = { a: { secret: secretOf(stack, SECRET) }, b: { secret: secretOf(stack, SECRET, 'Again') } };
      expect(vending(stack, { credentials: shared })).toThrow(/^credentials: names 1 and 2 have the same secret/);
      const other = testStack();
      const made = {
        a: { secret: new Secret(other, 'A') as ISecret },
        b: { secret: new Secret(other, 'B') as ISecret },
      };
      expect(vending(other, { credentials: made })).not.toThrow();
      const third = testStack();
      const twice = new Secret(third, 'A') as ISecret;
      expect(vending(third, { credentials: { a: { secret: twice }, b: { secret: twice } } })).toThrow(
        /the same secret/,
      );
    });

    test('and a topic of another region', () => {
      const stack = testStack();
      const alarmTopic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:oncall');
      expect(vending(stack, { alarmTopic })).toThrow(/^alarmTopic is in another region than the stack/);
    });
  });

  test('as is a topic of another region, which no alarm reaches', () => {
    const topic = 'arn:aws:sns:eu-west-1:444455556666:oncall';
    expect(() => synthesised({ 'fiskil:alarmTopicArn': topic })).toThrow(
      'fiskil:alarmTopicArn is in another region than the stack: name one in this region, or deploy the stack to that region.',
    );
    synthesised({ 'fiskil:alarmTopicArn': topic.replace('eu-west-1', 'ap-southeast-2') });
  });
});

describe('an ARN that may be partial', () => {
  test.each(['prod-fiskil', 'prod-Fiskil', 'prod-FISKIL'])('is refused where a name ends like %s', (name) => {
    expect(() => withCredentials({ a: { secretArn: `${ARN}${name}` } })).toThrow(
      /^fiskil:credentials\.a\.secretArn must be the secret's complete ARN/,
    );
  });

  const warnings = (end: string) => {
    const stack = testStack();
    const secret = Secret.fromSecretCompleteArn(stack, 'Secret', `${ARN}prod${end}`);
    new TokenVending(stack, 'Fiskil', { credentials: { a: { secret } } });
    return Annotations.fromStack(stack)
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => entry.data);
  };

  test.each(['-energy', '-Energy', '-ENERGY', '-202611', '-fiskil-energy'])(
    'is warned of where it ends in %s',
    (end) => {
      expect(warnings(end)).toEqual([
        expect.stringMatching(/secretArn of the credential a in fiskil:credentials may be/),
      ]);
    },
  );

  test.each(['-AbC123', '-fiskil-aBcdef', '-energy-x1y2z3', '-energ1'])('is not where it ends in %s', (end) => {
    expect(warnings(end)).toEqual([]);
  });
});
