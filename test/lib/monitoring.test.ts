import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { synthesised, theOnly } from './synth';

const CREDENTIALS = { 'fiskil:credentials': { default: {}, 'sandbox-energy': {} } };
const TOPIC = 'arn:aws:sns:ap-southeast-2:111122223333:oncall';

const template = synthesised(CREDENTIALS);
const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

test('each credential has alarms of its own, and the names say whose and what', () => {
  expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
    'fiskil-default-pair-rejected',
    'fiskil-default-rotation-due',
    'fiskil-default-secret-unusable',
    'fiskil-rotation-failed',
    'fiskil-sandbox-energy-pair-rejected',
    'fiskil-sandbox-energy-rotation-due',
    'fiskil-sandbox-energy-secret-unusable',
  ]);
});

test.each([
  ['pair-rejected', 'MintFailure.credentials_rejected'],
  ['secret-unusable', 'MintFailure.credential_not_configured'],
])('%s: one failure in five minutes is enough', (name, metric) => {
  const vend = Object.keys(template.findResources('AWS::Lambda::Function')).find((id) => id.includes('Vend'));
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: `fiskil-sandbox-energy-${name}`,
    Namespace: 'FiskilTokenVending',
    MetricName: metric,
    Dimensions: [
      { Name: 'credential', Value: 'sandbox-energy' },
      { Name: 'service', Value: { Ref: vend } },
    ],
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
});

test('rotation-failed counts the errors of the rotation function', () => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'fiskil-rotation-failed',
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('Rotation') } }],
    Statistic: 'Sum',
    Threshold: 1,
  });
});

test('rotation-due fires at the age of fiskil:rotationDays, and silence makes no pair younger', () => {
  const due = { MetricName: 'SecretAge', Statistic: 'Minimum', TreatMissingData: 'ignore' };
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...due, Threshold: 90 * 86_400 });
  synthesised({ 'fiskil:rotationDays': 30 }).hasResourceProperties('AWS::CloudWatch::Alarm', {
    ...due,
    Threshold: 30 * 86_400,
  });
});

test('without rotation nobody is told that one is due or failed', () => {
  const without = synthesised({ 'fiskil:rotation': false });
  expect(
    Object.values(without.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties.AlarmName),
  ).toEqual(['fiskil-default-pair-rejected', 'fiskil-default-secret-unusable']);
});

test('each alarm says where to read what to do, and the runbook has that section', () => {
  const runbook = readFileSync(join(__dirname, '../../docs/runbook.md'), 'utf8');
  for (const { AlarmDescription, AlarmName } of alarms) {
    const section = /What to do: docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription)?.[1] ?? '';
    expect(AlarmName).toMatch(new RegExp(`-${section}$`));
    expect(runbook).toMatch(new RegExp(`^## ${section}$`, 'm'));
  }
});

test('alarms go nowhere unless told to', () => {
  template.resourceCountIs('AWS::SNS::Topic', 0);
  expect(alarms.flatMap(({ AlarmActions }) => AlarmActions ?? [])).toEqual([]);
});

test('alarms go to an email address by a topic of the stack, and to a topic that is named', () => {
  const told = synthesised({ 'fiskil:alarmEmail': 'oncall@example.com', 'fiskil:alarmTopicArn': TOPIC });
  const topic = theOnly(told, 'AWS::SNS::Topic');
  told.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'oncall@example.com',
    TopicArn: { Ref: topic.id },
  });
  for (const { Properties } of Object.values(told.findResources('AWS::CloudWatch::Alarm'))) {
    expect(Properties.AlarmActions).toEqual([TOPIC, { Ref: topic.id }]);
  }
});
