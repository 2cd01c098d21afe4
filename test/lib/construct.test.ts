import { describe, expect, test } from '@jest/globals';
import { Duration, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService, type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { TokenVending } from '../../lib';
import { resources, rotationFunction, theOnly, vendFunction } from '../support/resources';
import { grants, testApp, testStack } from './synth';

const all = (template: Template, type: string) => resources(template, type).map(({ Properties }) => Properties);

describe('two of them in one stack', () => {
  const stack = testStack();
  new TokenVending(stack, 'Fiskil');
  new TokenVending(stack, 'Other', { prefix: 'other' });
  const template = Template.fromStack(stack);

  test('have an API name each, and so each an alarm of its own answers', () => {
    const names = all(template, 'AWS::ApiGateway::RestApi').map(({ Name }) => Name);
    expect(new Set(names).size).toBe(2);
    const watched = all(template, 'AWS::CloudWatch::Alarm').filter(({ MetricName }) => MetricName === '5XXError');
    expect(watched.map(({ Dimensions }) => Dimensions[0].Value).sort()).toEqual(names.sort());
  });

  test('set the account once, before either logs', () => {
    const [account, ...more] = Object.keys(template.findResources('AWS::ApiGateway::Account'));
    expect(more).toEqual([]);
    template.resourcePropertiesCountIs('AWS::IAM::Role', { ManagedPolicyArns: Match.anyValue() }, 1);
    template.allResources('AWS::ApiGateway::Stage', { DependsOn: Match.arrayWith([account]) });
  });

  test('have no name in common that an account has once', () => {
    for (const [type, name] of [
      ['AWS::CloudWatch::Alarm', 'AlarmName'],
      ['AWS::SecretsManager::Secret', 'Name'],
      ['AWS::SSM::Parameter', 'Name'],
    ] as const) {
      const names = all(template, type).map((each) => each[name]);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('cannot have one prefix, which two stacks can', () => {
    const another = testStack(testApp());
    new TokenVending(another, 'Fiskil');
    expect(() => new TokenVending(another, 'Twin')).toThrow(
      /^prefix is the same as that of another TokenVending in this stack/,
    );
    new TokenVending(new Stack(another, 'Next'), 'Twin');
  });
});

test('the same stack twice in an app, as for two environments, has an API name for each', () => {
  const app = testApp();
  const names = ['Staging', 'Production'].map((name) => {
    const stack = new Stack(new Stage(app, name), 'Tokens');
    new TokenVending(stack, 'Fiskil');
    return all(Template.fromStack(stack), 'AWS::ApiGateway::RestApi')[0]?.Name;
  });
  expect(new Set(names).size).toBe(2);
});

test("the account is set by somebody's own API before, or not at all where that is asked for", () => {
  const stack = testStack();
  new RestApi(stack, 'Theirs', { cloudWatchRole: true }).root.addMethod('GET');
  new TokenVending(stack, 'Fiskil');
  Template.fromStack(stack).resourceCountIs('AWS::ApiGateway::Account', 1);
});

describe("resources of somebody's stack", () => {
  const stack = testStack();
  const vpc = new Vpc(stack, 'Vpc') as IVpc;
  const endpoint = new InterfaceVpcEndpoint(stack, 'Endpoint', {
    vpc,
    service: InterfaceVpcEndpointAwsService.APIGATEWAY,
  });
  const [operator, denied] = ['Operator', 'Denied'].map(
    (id) => new Role(stack, id, { assumedBy: new AccountRootPrincipal() }),
  );
  if (!operator || !denied) throw new Error('no roles');
  const key = new Key(stack, 'Key');
  const own = new Secret(stack, 'Pair', { encryptionKey: key }) as ISecret & Secret;
  const topic = new Topic(stack, 'OnCall');
  new TokenVending(stack, 'Fiskil', {
    credentials: {
      default: {},
      own: { secret: own },
      named: { secret: Secret.fromSecretNameV2(stack, 'N', 'team/x') },
    },
    vpcEndpoints: [endpoint],
    encryptionKey: key,
    secretOperators: [operator],
    denied: [denied],
    alarmTopic: topic,
    rotationDue: Duration.days(30),
  });
  const template = Template.fromStack(stack);
  const id = (construct: { node: { defaultChild?: unknown } }) =>
    stack.resolve((construct.node.defaultChild as { ref: string }).ref).Ref;

  test('the secret is read by its ARN, whichever way it is known, and never made', () => {
    template.resourceCountIs('AWS::SecretsManager::Secret', 2);
    const readable = grants(template)
      .filter(({ Action }) => Action === 'secretsmanager:GetSecretValue')
      .flatMap(({ Resource }) => (Resource as unknown[]).map((each) => JSON.stringify(each)));
    expect(readable).toContain(JSON.stringify({ Ref: id(own) }));
    expect(readable.filter((resource) => /secret:team\/x-\?{6}"/.test(resource))).not.toEqual([]);
  });

  test('the key encrypts the table, the secret and the logs, and is let do so; no other key is made', () => {
    template.resourceCountIs('AWS::KMS::Key', 1);
    const arn = { 'Fn::GetAtt': [id(key), 'Arn'] };
    expect(all(template, 'AWS::DynamoDB::Table')[0]?.SSESpecification.KMSMasterKeyId).toEqual(arn);
    for (const group of all(template, 'AWS::Logs::LogGroup').filter(({ RetentionInDays }) => RetentionInDays === 90))
      expect(group.KmsKeyId).toEqual(arn);
    const policy = JSON.stringify(all(template, 'AWS::KMS::Key')[0]?.KeyPolicy);
    for (const part of ['logs.ap-southeast-2', 'kms:CreateGrant', 'secretsmanager.ap-southeast-2'])
      expect(policy).toContain(part);
  });

  test('the API answers through the endpoint alone, and refuses the role that is denied', () => {
    const [api] = all(template, 'AWS::ApiGateway::RestApi');
    expect(api?.EndpointConfiguration).toMatchObject({ Types: ['PRIVATE'], VpcEndpointIds: [{ Ref: id(endpoint) }] });
    const policy = JSON.stringify(api?.Policy);
    expect(policy).toContain(JSON.stringify({ Ref: id(endpoint) }));
    expect(policy).toContain(JSON.stringify({ 'Fn::GetAtt': [id(denied), 'Arn'] }));
  });

  test('the operator reads the secrets, and alarms go to the topic', () => {
    const policies = all(template, 'AWS::SecretsManager::ResourcePolicy');
    expect(policies).toHaveLength(3);
    for (const each of policies) {
      expect(JSON.stringify(each.ResourcePolicy)).toContain(JSON.stringify({ 'Fn::GetAtt': [id(operator), 'Arn'] }));
    }
    for (const alarm of all(template, 'AWS::CloudWatch::Alarm'))
      expect(alarm.AlarmActions).toEqual([{ Ref: id(topic) }]);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'SecretAge', Threshold: 30 * 86_400 });
  });

  test('a key whose policy is not of the app is used, and the synth says what it must allow', () => {
    const other = testStack();
    const arn = 'arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    new TokenVending(other, 'Fiskil', { encryptionKey: Key.fromKeyArn(other, 'Key', arn) });
    Template.fromStack(other).hasResourceProperties('AWS::DynamoDB::Table', {
      SSESpecification: { KMSMasterKeyId: arn },
    });
    expect(Annotations.fromStack(other).findInfo('*', Match.stringLikeRegexp('says what it must allow'))).toHaveLength(
      1,
    );
    expect(
      () => new TokenVending(other, 'O', { prefix: 'o', encryption: 'aws-owned', encryptionKey: new Key(other, 'K') }),
    ).toThrow(/^encryptionKey is given, but encryption is "aws-owned"/);
  });
});

describe('what it makes can be used further', () => {
  const stack = testStack();
  const vending = new TokenVending(stack, 'Fiskil', {
    alarms: {
      'mints-too-many': { threshold: 60 },
      'secret-unavailable': { evaluationPeriods: 3 },
      'function-throttles': false,
    },
  });

  test('the API, the table, the functions and the secrets are properties', () => {
    const template = Template.fromStack(stack);
    expect(stack.resolve(vending.api.deploymentStage.stageName)).toEqual({
      Ref: theOnly(template, 'AWS::ApiGateway::Stage').id,
    });
    expect(stack.resolve(vending.table.tableName)).toEqual({ Ref: theOnly(template, 'AWS::DynamoDB::Table').id });
    expect(stack.resolve(vending.function.functionName)).toEqual({ Ref: vendFunction(template).id });
    expect(stack.resolve(vending.rotationFunction?.functionName)).toEqual({ Ref: rotationFunction(template).id });
    expect(stack.resolve(vending.secrets.default?.secretArn)).toEqual({
      Ref: theOnly(template, 'AWS::SecretsManager::Secret').id,
    });
    expect(vending.secretNames).toEqual({ default: 'fiskil/default' });
    expect(vending.dashboard).toBeDefined();
  });

  test('an alarm is left out, or goes off at another threshold, and the others do as before', () => {
    const template = Template.fromStack(stack);
    expect(Object.keys(vending.alarms)).toHaveLength(11);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 'fiskil-mints-too-many', Threshold: 60 });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'fiskil-secret-unavailable',
      EvaluationPeriods: 3,
      DatapointsToAlarm: Match.absent(),
      Threshold: 1,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 'fiskil-no-token', Threshold: 1 });
    expect(JSON.stringify(template.toJSON())).not.toContain('fiskil-function-throttles');
  });

  test('alarms and the dashboard can be left out, each for itself', () => {
    for (const [props, alarms, dashboards] of [
      [{ alarms: false }, 0, 1],
      [{ dashboard: false }, 12, 0],
    ] as const) {
      const other = testStack();
      const without = new TokenVending(other, 'Fiskil', props);
      Template.fromStack(other).resourceCountIs('AWS::CloudWatch::Alarm', alarms);
      Template.fromStack(other).resourceCountIs('AWS::CloudWatch::Dashboard', dashboards);
      expect([Object.keys(without.alarms).length, without.dashboard === undefined]).toEqual([alarms, dashboards === 0]);
    }
  });

  test.each([
    ['metricVend', 'Vend'],
    ['metricUnserved', 'Unserved'],
    ['metricMint', 'Mint'],
    ['metricMintFailure', 'MintFailure'],
    ['metricTableUnreachable', 'TableUnreachable'],
    ['metricTick', 'Tick'],
    ['metricSecretAge', 'SecretAge'],
  ] as const)('%s is what the function measures as %s', (method, name) => {
    expect(stack.resolve(vending[method]({ period: Duration.minutes(1) }).toMetricConfig().metricStat)).toMatchObject({
      namespace: 'FiskilTokenVending',
      metricName: name,
      dimensions: [{ name: 'service', value: stack.resolve(vending.function.functionName) }],
      statistic: method === 'metricSecretAge' ? 'Maximum' : 'Sum',
    });
  });
});
