import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { QUERIES } from '../../lib/queries';
import { rotationFunction, theOnly, vendFunction } from '../support/resources';
import { synthesised } from './synth';

const CREDENTIALS = { 'fiskil:credentials': { default: {}, 'sandbox-energy': {} } };
const TOPIC = 'arn:aws:sns:ap-southeast-2:111122223333:oncall';

const template = synthesised(CREDENTIALS);
const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

const vend = vendFunction(template).id;

/** A metric as the vending function of this stack measures it. */
const measured = { Namespace: 'FiskilTokenVending', Dimensions: [{ Name: 'service', Value: { Ref: vend } }] };

test('there is one alarm of each kind, however many credentials there are, and its name says which', () => {
  expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
    'fiskil-function-errors',
    'fiskil-function-throttles',
    'fiskil-mints-too-many',
    'fiskil-no-token',
    'fiskil-pair-rejected',
    'fiskil-rotation-due',
    'fiskil-rotation-failed',
    'fiskil-secret-unavailable',
    'fiskil-secret-unusable',
    'fiskil-server-errors',
    'fiskil-table-unreachable',
    'fiskil-tick-missing',
  ]);
});

/** One measurement of this function is enough, and silence is no alarm. */
const counted = {
  ...measured,
  Statistic: 'Sum',
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'notBreaching',
};
const ofLambda = (id: string) => ({
  Namespace: 'AWS/Lambda',
  Dimensions: [{ Name: 'FunctionName', Value: { Ref: id } }],
  Statistic: 'Sum',
  Threshold: 1,
});
const fiveMinutes = (periods: number) => ({ Period: 300, EvaluationPeriods: periods });
const api = theOnly(template, 'AWS::ApiGateway::RestApi').Properties.Name;

test.each<[name: string, when: string, metric: string, properties: object]>([
  ['no-token', 'one in five minutes', 'Unserved', { ...counted, ...fiveMinutes(1) }],
  ['pair-rejected', 'one in five minutes', 'MintFailure.credentials_rejected', { ...counted, ...fiveMinutes(1) }],
  [
    'secret-unusable',
    'one in five minutes',
    'MintFailure.credential_not_configured',
    { ...counted, ...fiveMinutes(1) },
  ],
  [
    'secret-unavailable',
    'most minutes of ten, so that one blip pages nobody, however many secrets it is about',
    'MintFailure.secret_unavailable',
    { ...counted, Period: 60, EvaluationPeriods: 10, DatapointsToAlarm: 8 },
  ],
  ['table-unreachable', 'in two periods', 'TableUnreachable', { ...counted, ...fiveMinutes(2) }],
  [
    'tick-missing',
    'silence, after two periods',
    'Tick',
    { ...counted, ...fiveMinutes(2), ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' },
  ],
  ['function-errors', 'one of the vending function', 'Errors', ofLambda(vend)],
  ['function-throttles', 'one of the vending function', 'Throttles', ofLambda(vend)],
  ['rotation-failed', 'one error of the rotation function', 'Errors', ofLambda(rotationFunction(template).id)],
  [
    'server-errors',
    'one answer of this API in twenty, for ten minutes',
    '5XXError',
    {
      Namespace: 'AWS/ApiGateway',
      Dimensions: [{ Name: 'ApiName', Value: api }],
      Statistic: 'Average',
      Threshold: 0.05,
      ...fiveMinutes(2),
    },
  ],
])('%s: %s', (name, _when, MetricName, properties) => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: `fiskil-${name}`, MetricName, ...properties });
});

test.each([
  [1, 30],
  [2, 36],
  [100, 624],
])(
  'mints-too-many: for %i credentials, 24 more an hour than the six that tokens of 900 s need for each',
  (n, threshold) => {
    const credentials = Object.fromEntries(Array.from({ length: n }, (_, i) => [`c${i}`, {}]));
    const { Dimensions: _ofAnotherStack, ...properties } = counted;
    synthesised({ 'fiskil:credentials': credentials }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...properties,
      AlarmName: 'fiskil-mints-too-many',
      MetricName: 'Mint',
      Period: 3600,
      Threshold: threshold,
    });
  },
);

test('rotation-due fires when the oldest pair is at the age of fiskil:rotationDays, and silence makes no pair younger', () => {
  const due = { ...measured, MetricName: 'SecretAge', Statistic: 'Maximum', TreatMissingData: 'ignore' };
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...due, Threshold: 90 * 86_400 });
  synthesised({ 'fiskil:rotationDays': 30 }).hasResourceProperties('AWS::CloudWatch::Alarm', {
    ...due,
    Threshold: 30 * 86_400,
  });
});

test('without the rotation function nobody is told that it failed; who rotates by hand is told when', () => {
  const without = synthesised({ 'fiskil:rotation': false });
  const names = Object.values(without.findResources('AWS::CloudWatch::Alarm')).map((each) => each.Properties.AlarmName);
  expect(names).toContain('fiskil-no-token');
  expect(names.filter((name) => name.includes('rotation'))).toEqual(['fiskil-rotation-due']);
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

test('the dashboard shows every alarm, every count, and by the log who is using it, what failed and the last mints and rotations', () => {
  const body = JSON.stringify(theOnly(template, 'AWS::CloudWatch::Dashboard'));
  for (const id of Object.keys(template.findResources('AWS::CloudWatch::Alarm'))) expect(body).toContain(`"${id}"`);
  for (const name of ['Vend', 'Unserved', 'Mint', 'MintFailure', 'TableUnreachable', 'Tick'])
    expect(body).toContain(`\\"label\\":\\"${name}\\"`);
  const { whoUsed: _ofOneCredential, ...shown } = QUERIES;
  for (const query of Object.values(shown)) {
    // A text in JSON, in JSON, in JSON.
    const written = query.replaceAll('"', '\\\\\\"').replaceAll('\n', '\\\\n');
    expect(body).toContain(written);
  }
});
