import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { ENVIRONMENT } from '../../lambda/environment';
import { grants, synthesised } from './synth';

const SECRET = 'arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:team/fiskil-Energy-AbC123';
const KEY = 'arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const template = synthesised({
  'fiskil:credentials': { default: {}, existing: { secretArn: SECRET, kmsKeyArn: KEY } },
  'fiskil:tokenUrl': 'https://sandbox.example.com/token',
});

/** The one resource of a type whose logical id holds this text. */
function found(type: string, part: string): { id: string; [member: string]: unknown } {
  const all = Object.entries(template.findResources(type)).filter(([id]) => id.includes(part));
  expect(all).toHaveLength(1);
  return { id: all[0]?.[0] ?? '', ...all[0]?.[1] };
}

const lambda = found('AWS::Lambda::Function', 'Rotation');

describe('the rotation function', () => {
  test('is one for all credentials, ended after 35 s, told the token URL and nothing else', () => {
    expect(lambda.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 35,
      Environment: { Variables: { [ENVIRONMENT.tokenUrl]: 'https://sandbox.example.com/token' } },
    });
    template.hasOutput('RotationFunctionName', { Value: { Ref: lambda.id } });
  });

  test('may write its log, and read, fill and relabel versions of these secrets; with its key, through Secrets Manager only', () => {
    const own = (name: string) => ({
      'Fn::Join': [
        '',
        ['arn:', { Ref: 'AWS::Partition' }, `:secretsmanager:ap-southeast-2:111122223333:secret:${name}-??????`],
      ],
    });
    const rotate = [
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ];
    const policy = found('AWS::IAM::Policy', 'RotationRole').Properties as {
      PolicyDocument: { Statement: object[] };
    };
    expect(policy.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/RotationLogs/), 'Arn'] },
      },
      { Effect: 'Allow', Action: rotate, Resource: [own('fiskil/default'), SECRET] },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: KEY,
        Condition: {
          StringEquals: {
            'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.ap-southeast-2.', { Ref: 'AWS::URLSuffix' }]] },
          },
          StringLike: { 'kms:EncryptionContext:SecretARN': SECRET },
        },
      },
    ]);
  });

  test('cannot use the table, and the function that vends cannot change a secret', () => {
    const writers = grants(template).filter(({ Action }) => JSON.stringify(Action).includes('PutSecretValue'));
    expect(writers).toHaveLength(1);
    expect(JSON.stringify(found('AWS::IAM::Policy', 'RotationRole'))).not.toContain('dynamodb');
  });

  test('is invoked by Secrets Manager on behalf of this account, and by nobody else', () => {
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission')).filter(
      ({ Properties }) => Properties.FunctionName['Fn::GetAtt'][0] === lambda.id,
    );
    expect(permissions.map(({ Properties }) => Properties)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': [lambda.id, 'Arn'] },
        Principal: 'secretsmanager.amazonaws.com',
        SourceAccount: '111122223333',
      },
    ]);
  });

  test('keeps its own log as long as the other function does', () => {
    const logs = found('AWS::Logs::LogGroup', 'RotationLogs');
    expect(logs).toMatchObject({ Properties: { RetentionInDays: 90 }, DeletionPolicy: 'RetainExceptOnCreate' });
    expect(lambda.Properties).toHaveProperty('LoggingConfig', { LogGroup: { Ref: logs.id }, LogFormat: 'Text' });
  });
});

describe('the rotation schedules', () => {
  test('are one for each secret, an existing one too, without rules and without a rotation at deploy time', () => {
    const schedules = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
    const shared = {
      RotationLambdaARN: { 'Fn::GetAtt': [lambda.id, 'Arn'] },
      RotateImmediatelyOnUpdate: false,
    };
    expect(schedules.map(({ Properties }) => Properties)).toEqual([
      { SecretId: { Ref: 'TokenVendingSecretDefaultSecretDDF25401' }, ...shared },
      { SecretId: SECRET, ...shared },
    ]);
  });

  test('come after the permission and the policy, since Secrets Manager tries the function at once', () => {
    const permission = found('AWS::Lambda::Permission', 'Rotation');
    const policy = found('AWS::IAM::Policy', 'RotationRole');
    template.allResources('AWS::SecretsManager::RotationSchedule', {
      DependsOn: Match.arrayWith([permission.id, policy.id].sort()),
    });
  });

  test('bring no policy to a secret and no random passwords', () => {
    template.resourceCountIs('AWS::SecretsManager::ResourcePolicy', 0);
    expect(JSON.stringify(grants(template))).not.toContain('GetRandomPassword');
  });
});

test('fiskil:rotation false leaves all of it out but the reminder, which is for those who rotate by hand as well', () => {
  const without = JSON.stringify(synthesised({ 'fiskil:rotation': false }).toJSON());
  expect(without.replaceAll(/RotationDue|rotation-due|rotationDays/g, '')).not.toMatch(
    /Rotation|PutSecretValue|rotation-/,
  );
});
