import { expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { theOnly } from '../support/resources';
import { synthesised } from './synth';

// CloudFormation replaces what changes its logical id, and writes a new AWSCURRENT when a secret's text changes. So these
// never change between releases, whatever is renamed or moved in lib/. If this test fails, the code is wrong.

test('the secret, the table and the API keep their logical ids in every release', () => {
  const template = synthesised();
  expect(theOnly(template, 'AWS::SecretsManager::Secret').id).toBe('TokenVendingSecretDefaultSecretDDF25401');
  expect(theOnly(template, 'AWS::DynamoDB::Table').id).toBe('TokenVendingTokenTableC04E9796');
  expect(theOnly(template, 'AWS::ApiGateway::RestApi').id).toBe('TokenVendingVendingApi3BBE16BD');
});

test('a credential with a hyphen keeps its logical id, and neither its neighbours nor the stack name change it', () => {
  const template = synthesised({
    'fiskil:credentials': { default: {}, 'sandbox-energy': {} },
    'fiskil:stackName': 'X',
  });
  expect(Object.keys(template.findResources('AWS::SecretsManager::Secret')).sort()).toEqual([
    'TokenVendingSecretDefaultSecretDDF25401',
    'TokenVendingSecretSandboxEnergySecret7DDB191D',
  ]);
});

test('a pasted pair survives every deploy: the secret is the same text under the same name, kept on update and delete', () => {
  expect(theOnly(synthesised(), 'AWS::SecretsManager::Secret')).toEqual({
    id: 'TokenVendingSecretDefaultSecretDDF25401',
    Type: 'AWS::SecretsManager::Secret',
    Properties: {
      Name: 'fiskil/default',
      SecretString: '{"client_id":"","client_secret":""}',
      // Word for word: an update of a secret that is closed to others can need GetSecretValue by CloudFormation's own role.
      Description:
        'The Fiskil key pair of the credential default. Paste client_id and client_secret from the Fiskil Console here. Only the functions of the token vending stack need to read it.',
    },
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
});

test('a rotation schedule keeps its logical id: CloudFormation makes the new one, then deletes the old one, which ends rotation', () => {
  const template = synthesised({ 'fiskil:credentials': { default: {}, 'sandbox-energy': {} } });
  expect(Object.keys(template.findResources('AWS::SecretsManager::RotationSchedule'))).toEqual([
    'TokenVendingRotationScheduleDefault9D58DF77',
    'TokenVendingRotationScheduleSandboxEnergy118B1198',
  ]);
});

test("a credential's policy, which people attach to roles, is never replaced, and stays when its credential or the stack goes", () => {
  const template = synthesised({ 'fiskil:credentials': { default: {}, 'sandbox-energy': {} } });
  const policies = template.findResources('AWS::IAM::ManagedPolicy');
  const kept = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };
  // A changed description or path replaces a policy.
  const policy = (credential: string) => ({
    ...kept,
    Properties: { Description: `Allows getting Fiskil tokens for the credential ${credential}.`, Path: '/' },
  });
  expect(policies).toMatchObject({
    TokenVendingVendPolicyDefaultA78205F2: policy('default'),
    TokenVendingVendPolicySandboxEnergy657C65B2: policy('sandbox-energy'),
  });
  expect(Object.keys(policies)).toHaveLength(2);
});

test('outputs have the names that scripts and callers look up', () => {
  const template = synthesised({ 'fiskil:credentials': { default: {}, 'sandbox-energy': {} } });
  expect(Object.keys(template.toJSON().Outputs).sort()).toEqual([
    'RotationFunctionName',
    'SecretNameDefault',
    'SecretNameSandboxEnergy',
    'TokenApiUrl',
    'TokenTableName',
    'VendFunctionName',
    'VendPolicyArnDefault',
    'VendPolicyArnSandboxEnergy',
  ]);
  template.hasOutput('VendPolicyArnSandboxEnergy', {
    Value: { Ref: Match.stringLikeRegexp('VendPolicySandboxEnergy') },
  });
  template.hasOutput('SecretNameSandboxEnergy', { Value: 'fiskil/sandbox-energy' });
});

test('the API is found under its URL, which ends in /v1/, by the output and by the SSM parameter of the prefix', () => {
  const template = synthesised({ 'fiskil:prefix': 'acme/fiskil' });
  const url = {
    'Fn::Join': [
      '',
      [
        'https://',
        { Ref: 'TokenVendingVendingApi3BBE16BD' },
        '.execute-api.ap-southeast-2.',
        { Ref: 'AWS::URLSuffix' },
        '/v1/',
      ],
    ],
  };
  template.hasOutput('TokenApiUrl', { Value: url });
  template.hasResourceProperties('AWS::SSM::Parameter', {
    Name: '/acme/fiskil/token-api-url',
    Type: 'String',
    Value: url,
  });
  template.hasResourceProperties('AWS::SecretsManager::Secret', { Name: 'acme/fiskil/default' });
});
