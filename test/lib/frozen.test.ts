import { expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { synthesised, theOnly } from './synth';

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
      Description: expect.stringContaining('paste client_id and client_secret'),
    },
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
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
