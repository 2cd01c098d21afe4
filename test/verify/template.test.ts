import { describe, expect, test } from '@jest/globals';
import { quantile } from '../../bin/verify/cold-start';
import { isSamePolicy, Template } from '../../bin/verify/template';

const PLACE = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };

describe('references in a template', () => {
  const body = {
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: { Path: '/team/' } },
      Plain: { Type: 'AWS::IAM::Role' },
      Logs: { Type: 'AWS::Logs::LogGroup' },
      Topic: { Type: 'AWS::SNS::Topic' },
    },
  };
  const resources = ['Role', 'Plain', 'Logs', 'Topic'].map((logicalId) => ({
    type: 'any',
    logicalId,
    physicalId: `the-${logicalId}`,
  }));
  const template = new Template(body, resources, PLACE);

  test.each([
    [{ Ref: 'Topic' }, 'the-Topic'],
    [{ Ref: 'AWS::Region' }, 'eu-west-1'],
    [{ 'Fn::GetAtt': ['Role', 'Arn'] }, 'arn:aws:iam::111122223333:role/team/the-Role'],
    [{ 'Fn::GetAtt': 'Plain.Arn' }, 'arn:aws:iam::111122223333:role/the-Plain'],
    [{ 'Fn::GetAtt': ['Logs', 'Arn'] }, 'arn:aws:logs:eu-west-1:111122223333:log-group:the-Logs:*'],
    [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':x']] }, 'arn:aws:x'],
    [
      { a: [{ Ref: 'Topic' }, 1], Ref: 'kept' },
      { a: ['the-Topic', 1], Ref: 'kept' },
    ],
  ])('%j', (value, expected) => {
    expect(template.resolve(value)).toEqual(expected);
  });

  test.each([
    [{ Ref: 'Gone' }, /does not have the resource Gone/],
    [{ 'Fn::GetAtt': ['Topic', 'Arn'] }, /ARN of Topic/],
    [{ 'Fn::Sub': 'x' }, /uses Fn::Sub/],
  ])('%j ends the check', (value, sentence) => {
    expect(() => template.resolve(value)).toThrow(sentence);
  });
});

describe('two policies are the same', () => {
  const policy = { Version: '1', Statement: [{ Effect: 'Deny', Principal: { AWS: '*' }, Action: ['b', 'a'] }] };

  test.each([
    [
      'if only the order differs',
      { Statement: [{ Action: ['a', 'b'], Principal: { AWS: '*' }, Effect: 'Deny' }], Version: '1' },
    ],
    ['if a list of one is given without the list', { ...policy, Statement: policy.Statement[0] }],
    ['if one has the short form for everybody', { ...policy, Statement: [{ ...policy.Statement[0], Principal: '*' }] }],
  ])('%s', (_how, other) => {
    expect(isSamePolicy(policy, other)).toBe(true);
  });

  test.each([
    ['an action fewer', { ...policy, Statement: [{ ...policy.Statement[0], Action: ['a'] }] }],
    ['a condition more', { ...policy, Statement: [{ ...policy.Statement[0], Condition: {} }] }],
    ['a statement more', { ...policy, Statement: [...policy.Statement, { Effect: 'Allow' }] }],
    ['nothing', {}],
  ])('but not with %s', (_how, other) => {
    expect(isSamePolicy(policy, other)).toBe(false);
  });
});

test('a quantile is one of the measured values', () => {
  const times = Array.from({ length: 200 }, (_, index) => index + 1);
  expect([0.5, 0.99].map((share) => quantile(times, share))).toEqual([100, 198]);
  expect([0.5, 0.99].map((share) => quantile([7], share))).toEqual([7, 7]);
});
