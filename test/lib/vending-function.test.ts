import { expect, test } from '@jest/globals';
import { ENVIRONMENT } from '../../lambda/environment';
import { logsOf, resources, theOnly, vendFunction } from '../support/resources';
import { synthesised } from './synth';

const SECRET = 'arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:team/fiskil-AbC123';

// The rotation function has a test of its own.
const WITHOUT_ROTATION = { 'fiskil:rotation': false };

const template = synthesised(WITHOUT_ROTATION);
const vend = vendFunction(template);

test('one function: Node 24 on arm64, 512 MB, ended after 25 s', () => {
  expect(vend.Properties).toMatchObject({
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    MemorySize: 512,
    Timeout: 25,
    Handler: 'index.handler',
  });
});

test('the function is told the table, the id of each secret and the token URL, and nothing else', () => {
  const context = {
    ...WITHOUT_ROTATION,
    'fiskil:credentials': { default: {}, existing: { secretArn: SECRET } },
    'fiskil:tokenUrl': 'https://sandbox.example.com/token',
  };
  const other = synthesised(context);
  expect(theOnly(other, 'AWS::Lambda::Function').Properties.Environment.Variables).toEqual({
    [ENVIRONMENT.tableName]: { Ref: theOnly(other, 'AWS::DynamoDB::Table').id },
    [ENVIRONMENT.secretIds]: JSON.stringify({ default: 'fiskil/default', existing: SECRET }),
    [ENVIRONMENT.tokenUrl]: 'https://sandbox.example.com/token',
  });
});

test('the function is invoked by the two methods of the API and by the tick, each by its ARN', () => {
  const permissions = resources(template, 'AWS::Lambda::Permission').map(
    ({ Properties: { Principal, SourceArn, SourceAccount } }) => [Principal, JSON.stringify(SourceArn), SourceAccount],
  );
  const tick = { 'Fn::GetAtt': [theOnly(template, 'AWS::Events::Rule').id, 'Arn'] };
  expect(permissions).toEqual([
    ['apigateway.amazonaws.com', expect.stringMatching(/"\/GET\/tokens\/\*"/), undefined],
    ['apigateway.amazonaws.com', expect.stringMatching(/"\/POST\/tokens\/\*\/rejections"/), undefined],
    ['events.amazonaws.com', JSON.stringify(tick), undefined],
  ]);
});

test('an existing secret is told by its name in the outputs, and is not made again', () => {
  const adopting = synthesised({ 'fiskil:credentials': { default: {}, existing: { secretArn: SECRET } } });
  adopting.resourceCountIs('AWS::SecretsManager::Secret', 1);
  adopting.hasOutput('SecretNameExisting', { Value: 'team/fiskil' });
});

test('the function comes after the secrets that it finds by name', () => {
  expect(vend.DependsOn).toContain(theOnly(template, 'AWS::SecretsManager::Secret').id);
});

test('the tick invokes the function every minute, and nothing repeats a tick', () => {
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(1 minute)',
    State: 'ENABLED',
    Targets: [
      {
        Arn: { 'Fn::GetAtt': [vend.id, 'Arn'] },
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    ],
  });
  // The handler knows a tick by the scheduled event itself.
  const [target] = theOnly(template, 'AWS::Events::Rule').Properties.Targets;
  expect(Object.keys(target ?? {}).sort()).toEqual(['Arn', 'Id', 'RetryPolicy']);
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    FunctionName: { Ref: vend.id },
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
  });
});

test('the table is a cache: on demand, cleaned by its TTL, gone with the stack, without a backup', () => {
  expect(theOnly(template, 'AWS::DynamoDB::Table')).toEqual({
    id: expect.any(String),
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'credential', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'credential', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      // Who may use it is told by test/policy.
      ResourcePolicy: expect.anything(),
      // Said from the first release on: a template that only takes a key away again fails, and so does its rollback.
      SSESpecification: { SSEEnabled: false },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    },
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
  });
});

test('log lines are kept 90 days, also after the stack is gone, in groups that no other deploy can collide with', () => {
  const groups = resources(template, 'AWS::Logs::LogGroup');
  // The function's and the API's.
  expect(groups).toHaveLength(2);
  expect(groups.map(({ id }) => id)).toContain(logsOf(vend));
  for (const group of groups) {
    expect(group).toMatchObject({
      Properties: { RetentionInDays: 90 },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    expect(group.Properties.LogGroupName).toBeUndefined();
  }
  expect(vend.Properties.LoggingConfig.LogFormat).toBe('Text');
});

test('every log is kept as long as fiskil:logRetentionDays says', () => {
  const groups = Object.values(synthesised({ 'fiskil:logRetentionDays': '400' }).findResources('AWS::Logs::LogGroup'));
  expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual([400, 400, 400]);
});
