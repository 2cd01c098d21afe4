import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { QUERIES } from '../../lib/queries';
import { synthesised, theOnly } from './synth';

const CREDENTIALS = { 'fiskil:credentials': { default: {}, 'sandbox-energy': {} } };
const TOPIC = 'arn:aws:sns:ap-southeast-2:111122223333:oncall';

const template = synthesised(CREDENTIALS);
const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

const vend = Object.keys(template.findResources('AWS::Lambda::Function')).find((id) => id.includes('TokenVendingVend'));

/** A metric of one credential, as the vending function of this stack measures it. */
const measuredOf = (credential: string) => ({
  Namespace: 'FiskilTokenVending',
  Dimensions: [
    { Name: 'credential', Value: credential },
    { Name: 'service', Value: { Ref: vend } },
  ],
});

test('each credential has alarms of its own, and the names say whose and what', () => {
  expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
    'fiskil-default-mints-too-many',
    'fiskil-default-no-token',
    'fiskil-default-pair-rejected',
    'fiskil-default-rotation-due',
    'fiskil-default-secret-unavailable',
    'fiskil-default-secret-unusable',
    'fiskil-default-table-unreachable',
    'fiskil-function-errors',
    'fiskil-function-throttles',
    'fiskil-rotation-failed',
    'fiskil-sandbox-energy-mints-too-many',
    'fiskil-sandbox-energy-no-token',
    'fiskil-sandbox-energy-pair-rejected',
    'fiskil-sandbox-energy-rotation-due',
    'fiskil-sandbox-energy-secret-unavailable',
    'fiskil-sandbox-energy-secret-unusable',
    'fiskil-sandbox-energy-table-unreachable',
    'fiskil-server-errors',
    'fiskil-tick-missing',
  ]);
});

test.each([
  ['no-token', 'Unserved'],
  ['pair-rejected', 'MintFailure.credentials_rejected'],
  ['secret-unusable', 'MintFailure.credential_not_configured'],
])('%s: one failure in five minutes is enough', (name, metric) => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: `fiskil-sandbox-energy-${name}`,
    ...measuredOf('sandbox-energy'),
    MetricName: metric,
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
});

test('secret-unavailable: most ticks of two periods, so that one blip pages nobody', () => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'fiskil-sandbox-energy-secret-unavailable',
    ...measuredOf('sandbox-energy'),
    MetricName: 'MintFailure.secret_unavailable',
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 2,
    Threshold: 3,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
});

test('table-unreachable: in two periods', () => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'fiskil-sandbox-energy-table-unreachable',
    ...measuredOf('sandbox-energy'),
    MetricName: 'TableUnreachable',
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 2,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
});

test('mints-too-many: five times the six an hour that tokens of 900 s need', () => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'fiskil-default-mints-too-many',
    ...measuredOf('default'),
    MetricName: 'Mint',
    Statistic: 'Sum',
    Period: 3600,
    Threshold: 30,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
});

test('tick-missing: silence is the alarm, after two periods', () => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'fiskil-tick-missing',
    ...measuredOf('default'),
    MetricName: 'Tick',
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 2,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

test.each([
  ['function-errors', 'Errors'],
  ['function-throttles', 'Throttles'],
])('%s: one of the vending function is enough', (name, metric) => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: `fiskil-${name}`,
    Namespace: 'AWS/Lambda',
    MetricName: metric,
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('Vend') } }],
    Statistic: 'Sum',
    Threshold: 1,
  });
});

test('server-errors: one answer of this API in twenty, for ten minutes', () => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'fiskil-server-errors',
    Namespace: 'AWS/ApiGateway',
    MetricName: '5XXError',
    Dimensions: [{ Name: 'ApiName', Value: 'FiskilTokenVending' }],
    Statistic: 'Average',
    Period: 300,
    EvaluationPeriods: 2,
    Threshold: 0.05,
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
  const due = { ...measuredOf('default'), MetricName: 'SecretAge', Statistic: 'Minimum', TreatMissingData: 'ignore' };
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...due, Threshold: 90 * 86_400 });
  synthesised({ 'fiskil:rotationDays': 30 }).hasResourceProperties('AWS::CloudWatch::Alarm', {
    ...due,
    Threshold: 30 * 86_400,
  });
});

test('without the rotation function nobody is told that it failed; who rotates by hand is told when', () => {
  const without = synthesised({ 'fiskil:rotation': false });
  const names = Object.values(without.findResources('AWS::CloudWatch::Alarm')).map((each) => each.Properties.AlarmName);
  expect(names).toContain('fiskil-default-no-token');
  expect(names.filter((name) => name.includes('rotation'))).toEqual(['fiskil-default-rotation-due']);
});

test('each alarm says where to read what to do, and the runbook has that section and none without an alarm', () => {
  const runbook = readFileSync(join(__dirname, '../../docs/runbook.md'), 'utf8');
  const sections = [...runbook.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
  const told = new Set<string>();
  for (const { AlarmDescription, AlarmName } of alarms) {
    const section =
      /What to do: docs\/runbook\.md#([a-z-]+) in the repository fiskil-token-vending\.$/.exec(AlarmDescription)?.[1] ??
      '';
    expect(AlarmName).toMatch(new RegExp(`-${section}$`));
    told.add(section);
  }
  expect(sections.sort()).toEqual([...told].sort());
  // Each says what happened, where to look, what to do and how one sees that it is over.
  for (const text of runbook.split(/^## /m).slice(1)) {
    expect(text).toMatch(
      /\*\*What happened\.\*\*.*\*\*What callers see\.\*\*.*\*\*Look\.\*\*.*\*\*Do\.\*\*.*\*\*Healed when\*\*/s,
    );
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
  // The topic's policy replaces the one that lets alarms publish, so it says so itself.
  told.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: { Ref: topic.id },
        }),
      ]),
    },
  });
  for (const { Properties } of Object.values(told.findResources('AWS::CloudWatch::Alarm'))) {
    expect(Properties.AlarmActions).toEqual([TOPIC, { Ref: topic.id }]);
  }
});

test('the dashboard shows every alarm, every metric of each credential, who is using it, and the last mints and rotations', () => {
  const body = JSON.stringify(theOnly(template, 'AWS::CloudWatch::Dashboard'));
  for (const id of Object.keys(template.findResources('AWS::CloudWatch::Alarm'))) expect(body).toContain(`"${id}"`);
  const names = ['VendFromMemory', 'VendFromTable', 'VendFromMint', 'Unserved', 'Rejection', 'ServedWhileFailing'];
  for (const name of [...names, 'Mint', 'MintLatency', 'MintFailure', 'MintWait', 'LifeAtVend', 'Tick', 'SecretAge']) {
    for (const credential of ['default', 'sandbox-energy']) expect(body).toContain(`${credential} ${name}`);
  }
  for (const query of [QUERIES.vendsByCaller, QUERIES.lastMints, QUERIES.lastRotationSteps]) {
    // A text in JSON, in JSON, in JSON.
    const written = query.replaceAll('"', '\\\\\\"').replaceAll('\n', '\\\\n');
    expect(body).toContain(written);
  }
});
