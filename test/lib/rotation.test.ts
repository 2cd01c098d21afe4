import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { ENVIRONMENT } from '../../lambda/environment';
import { logsOf, policyOf, resources, rotationFunction, theOnly } from '../support/resources';
import { grants, synthesised } from './synth';

const SECRET = 'arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:team/fiskil-Energy-AbC123';
const KEY = 'arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const template = synthesised({
  'fiskil:credentials': { default: {}, existing: { secretArn: SECRET, kmsKeyArn: KEY } },
  'fiskil:tokenUrl': 'https://sandbox.example.com/token',
});

const lambda = rotationFunction(template);

/** The one that lets somebody invoke it. */
const permission = theOnly(
  template,
  'AWS::Lambda::Permission',
  ({ Properties }) => Properties.FunctionName['Fn::GetAtt'][0] === lambda.id,
);

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

  test('is invoked by Secrets Manager on behalf of this account, and by nobody else', () => {
    expect(permission.Properties).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [lambda.id, 'Arn'] },
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: '111122223333',
    });
  });

  test('keeps its own log as long as the other function does', () => {
    const logs = theOnly(template, 'AWS::Logs::LogGroup', ({ id }) => id === logsOf(lambda));
    expect(logs).toMatchObject({ Properties: { RetentionInDays: 90 }, DeletionPolicy: 'RetainExceptOnCreate' });
    expect(lambda.Properties.LoggingConfig.LogFormat).toBe('Text');
  });
});

describe('the rotation schedules', () => {
  test('are one for each secret, an existing one too, without rules and without a rotation at deploy time', () => {
    const schedules = resources(template, 'AWS::SecretsManager::RotationSchedule');
    const shared = {
      RotationLambdaARN: { 'Fn::GetAtt': [lambda.id, 'Arn'] },
      RotateImmediatelyOnUpdate: false,
    };
    expect(schedules.map(({ Properties }) => Properties)).toEqual([
      { SecretId: { Ref: theOnly(template, 'AWS::SecretsManager::Secret').id }, ...shared },
      { SecretId: SECRET, ...shared },
    ]);
  });

  test('come after the permission and the policy, since Secrets Manager tries the function at once', () => {
    const policy = policyOf(template, lambda);
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
