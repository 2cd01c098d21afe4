import { describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { DATA_PLANE } from '../../lib/token-table';
import { grants, synthesised } from '../lib/synth';
import {
  logsOf,
  policyOf,
  type Resource,
  resources,
  roleIdOf,
  rotationFunction,
  theOnly,
  vendFunction,
} from '../support/resources';
import { ACCOUNT, ALLOW_ALL, arnOf, isAllowed, property, REGION, statement } from './evaluate';

const OPERATOR = `arn:aws:iam::${ACCOUNT}:role/team/key-keeper`;
const ADOPTED = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:team/fiskil-Energy-AbC123`;
/** The one that encrypts the adopted secret. */
const ADOPTED_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

const template = synthesised({
  'fiskil:credentials': {
    default: {},
    'sandbox-energy': {},
    adopted: { secretArn: ADOPTED, kmsKeyArn: ADOPTED_KEY },
  },
  'fiskil:secretOperators': [OPERATOR],
  'fiskil:encryption': 'customer-managed',
});

const roleOf = (lambda: Resource) => arnOf(template, roleIdOf(lambda));
const VEND = roleOf(vendFunction(template));
const ROTATION = roleOf(rotationFunction(template));
const ADMIN = `arn:aws:iam::${ACCOUNT}:role/admin`;
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;

const policyDocument = (lambda: Resource) => property(template, policyOf(template, lambda), 'PolicyDocument');
const vendPolicy = policyDocument(vendFunction(template));
const rotationPolicy = policyDocument(rotationFunction(template));

const table = theOnly(template, 'AWS::DynamoDB::Table');
const key = theOnly(template, 'AWS::KMS::Key');
const SECRET = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:fiskil/${name}-A1b2C3`;
const TABLE = arnOf(template, table.id);
const KEY = arnOf(template, key.id);

const asList = (value: unknown) => (Array.isArray(value) ? value : [value]) as string[];

/** All that the policy of a function's role allows, resource by resource. */
function allowed(from: Template, lambda: Resource): string[] {
  const { Statement } = property(from, policyOf(from, lambda), 'PolicyDocument') as {
    Statement: { Effect: string; Action: unknown; Resource: unknown }[];
  };
  expect(Statement.map(({ Effect }) => Effect)).toEqual(Statement.map(() => 'Allow'));
  const short = (text: string) => text.replace(/^.*(?:log-group:|table\/|secret:|key\/)|^.*?:(?=\w+$)/, '');
  return Statement.flatMap(({ Action, Resource }) =>
    asList(Resource).map((each) => `${short(each)}: ${asList(Action).map(short).join(' ')}`),
  );
}

const ROTATE = 'DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage';

describe('each role of the stack, and all that it may do', () => {
  test('by default', () => {
    const plain = synthesised();
    const [vend, rotation] = [vendFunction(plain), rotationFunction(plain)];
    expect(allowed(plain, vend)).toEqual([
      `${logsOf(vend)}: CreateLogStream PutLogEvents`,
      `${theOnly(plain, 'AWS::DynamoDB::Table').id}: GetItem UpdateItem`,
      'fiskil/default-??????: GetSecretValue',
    ]);
    expect(allowed(plain, rotation)).toEqual([
      `${logsOf(rotation)}: CreateLogStream PutLogEvents`,
      `fiskil/default-??????: ${ROTATE}`,
    ]);
  });

  test('with several credentials, one of an existing secret, and keys', () => {
    const [vend, rotation] = [vendFunction(template), rotationFunction(template)];
    const KEY_USE =
      'Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo';
    const adoptedKey = ADOPTED_KEY.split('/')[1];
    expect(allowed(template, vend)).toEqual([
      `${logsOf(vend)}: CreateLogStream PutLogEvents`,
      `${table.id}: GetItem UpdateItem`,
      `${key.id}: ${KEY_USE}`,
      'fiskil/default-??????: GetSecretValue',
      'fiskil/sandbox-energy-??????: GetSecretValue',
      'team/fiskil-Energy-AbC123: GetSecretValue',
      `${key.id}: Decrypt`,
      `${adoptedKey}: Decrypt`,
    ]);
    expect(allowed(template, rotation)).toEqual([
      `${logsOf(rotation)}: CreateLogStream PutLogEvents`,
      `fiskil/default-??????: ${ROTATE}`,
      `fiskil/sandbox-energy-??????: ${ROTATE}`,
      `team/fiskil-Energy-AbC123: ${ROTATE}`,
      `${key.id}: Decrypt GenerateDataKey`,
      `${adoptedKey}: Decrypt GenerateDataKey`,
    ]);
  });

  test('the third role is the one by which API Gateway logs: it has the policy that AWS keeps for that', () => {
    const functions = [vendFunction(template), rotationFunction(template)].map(roleIdOf);
    const rest = (from: Template) =>
      resources(from, 'AWS::IAM::Role').filter(({ id, Properties }) => {
        return !functions.includes(id) || Properties.ManagedPolicyArns !== undefined;
      });
    expect(rest(template).map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        AssumeRolePolicyDocument: expect.objectContaining({
          Statement: [expect.objectContaining({ Principal: { Service: 'apigateway.amazonaws.com' } })],
        }),
        ManagedPolicyArns: [
          {
            'Fn::Join': [
              '',
              ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs'],
            ],
          },
        ],
      }),
    ]);
    expect(rest(synthesised({ 'fiskil:apiGatewayLogRole': false }))).toEqual([]);
  });

  test("no statement has a wildcard action, or a wildcard resource but the six characters that end a secret's ARN", () => {
    const statements = grants(template);
    expect(statements.length).toBeGreaterThan(5);
    for (const { Action, Resource } of statements) {
      expect(JSON.stringify(Action)).not.toMatch(/[*?]/);
      for (const resource of asList(Resource ?? [])) {
        expect(JSON.stringify(resource).replace(/(:secret:[\w/-]+-)\?{6}"/, '$1"')).not.toMatch(/[*?]/);
      }
    }
  });
});

describe('the table', () => {
  const { PolicyDocument: resourcePolicy } = property(template, table, 'ResourcePolicy') as {
    PolicyDocument: object;
  };
  const ask = (principal: string, action: string, identity: object) =>
    isAllowed({ principal, action, resource: TABLE, identity: [identity], resourcePolicy });

  test.each(DATA_PLANE)(
    '%s is denied to administrators, to the root user and to the other function',
    async (action) => {
      for (const principal of [ADMIN, ROOT, ROTATION, `${VEND}-2`]) {
        expect([principal, await ask(principal, action, ALLOW_ALL)]).toEqual([principal, false]);
      }
    },
  );

  test('does what the function needs, and no more', async () => {
    expect(await ask(VEND, 'dynamodb:GetItem', vendPolicy)).toBe(true);
    expect(await ask(VEND, 'dynamodb:UpdateItem', vendPolicy)).toBe(true);
    expect(await ask(VEND, 'dynamodb:Scan', vendPolicy)).toBe(false);
    expect(await ask(VEND, 'dynamodb:DeleteItem', vendPolicy)).toBe(false);
    expect(await ask(ROTATION, 'dynamodb:GetItem', rotationPolicy)).toBe(false);
  });

  test('can still be described, updated, opened in an emergency and deleted by who deploys', async () => {
    const control = ['DescribeTable', 'UpdateTable', 'DeleteTable', 'UpdateTimeToLive', 'PutResourcePolicy'];
    for (const action of control) expect(await ask(ADMIN, `dynamodb:${action}`, ALLOW_ALL)).toBe(true);
  });
});

describe("a secret's value", () => {
  const policies = resources(template, 'AWS::SecretsManager::ResourcePolicy');
  const [policy] = policies;
  if (!policy) throw new Error('no policy');
  const ask = (principal: string, action: string, identity: object[], resource = SECRET('default')) =>
    isAllowed({
      principal,
      action: `secretsmanager:${action}`,
      resource,
      identity,
      resourcePolicy: property(template, policy, 'ResourcePolicy'),
    });

  test('is guarded by the same policy for each credential, that of an existing secret too', () => {
    expect(policies.map(({ Properties }) => Properties.SecretId)).toEqual([
      ...resources(template, 'AWS::SecretsManager::Secret').map(({ id }) => ({ Ref: id })),
      ADOPTED,
    ]);
    expect(new Set(policies.map(({ Properties }) => JSON.stringify(Properties.ResourcePolicy))).size).toBe(1);
    expect(policies.map(({ Properties }) => Properties.BlockPublicPolicy)).toEqual([true, true, true]);
  });

  test('is read by the operators and the functions, and by nobody else', async () => {
    expect(await ask(OPERATOR, 'GetSecretValue', [ALLOW_ALL])).toBe(true);
    expect(await ask(VEND, 'GetSecretValue', [vendPolicy])).toBe(true);
    expect(await ask(ROTATION, 'GetSecretValue', [rotationPolicy])).toBe(true);
    expect(await ask(ADMIN, 'GetSecretValue', [ALLOW_ALL])).toBe(false);
    expect(await ask(ROOT, 'GetSecretValue', [ALLOW_ALL])).toBe(false);
    // Nobody is granted anything by it: an operator needs a policy of his own.
    expect(await ask(OPERATOR, 'GetSecretValue', [])).toBe(false);
  });

  test('can be managed by who deploys, and only rotated by the rotation function', async () => {
    expect(await ask(ADMIN, 'UpdateSecret', [ALLOW_ALL])).toBe(true);
    expect(await ask(ADMIN, 'PutResourcePolicy', [ALLOW_ALL])).toBe(true);
    expect(await ask(VEND, 'PutSecretValue', [vendPolicy])).toBe(false);
    expect(await ask(ROTATION, 'PutSecretValue', [rotationPolicy])).toBe(true);
  });

  test('of a secret of another name is read by neither function', async () => {
    for (const [principal, own] of [[VEND, vendPolicy] as const, [ROTATION, rotationPolicy] as const]) {
      expect(await ask(principal, 'GetSecretValue', [own], SECRET('other'))).toBe(false);
      expect(await ask(principal, 'GetSecretValue', [own], SECRET('default-extra'))).toBe(false);
    }
  });

  test('has no policy unless operators are named', () => {
    synthesised().resourceCountIs('AWS::SecretsManager::ResourcePolicy', 0);
  });
});

describe('the key of an existing secret', () => {
  /** As most keys have it: the policies of the account's roles decide. */
  const resourcePolicy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'kms:*', Resource: '*' }],
  };
  const BY_SECRETS_MANAGER = `secretsmanager.${REGION}.amazonaws.com`;

  test.each<[string, string, string, object, boolean]>([
    ['the vending function reads the secret', 'Decrypt', ADOPTED, vendPolicy, true],
    ['and writes none', 'GenerateDataKey', ADOPTED, vendPolicy, false],
    ['the rotation function reads it', 'Decrypt', ADOPTED, rotationPolicy, true],
    ['and writes it', 'GenerateDataKey', ADOPTED, rotationPolicy, true],
    ['neither has another secret of that key: vend', 'Decrypt', SECRET('default'), vendPolicy, false],
    ['neither has another secret of that key: rotation', 'Decrypt', SECRET('default'), rotationPolicy, false],
  ])('%s, and only by way of Secrets Manager', async (_what, action, secret, identity, isOpen) => {
    const ask = (via: string) =>
      isAllowed({
        principal: identity === vendPolicy ? VEND : ROTATION,
        action: `kms:${action}`,
        resource: ADOPTED_KEY,
        identity: [identity],
        resourcePolicy,
        context: { 'kms:ViaService': via, 'kms:EncryptionContext:SecretARN': secret },
      });
    expect(await ask(BY_SECRETS_MANAGER)).toBe(isOpen);
    expect(await ask(`dynamodb.${REGION}.amazonaws.com`)).toBe(false);
  });
});

describe("the stack's key", () => {
  const resourcePolicy = property(template, key, 'KeyPolicy');
  const service = (name: string) => ({ 'kms:ViaService': `${name}.${REGION}.amazonaws.com` });
  const ask = (principal: string, action: string, identity: object[], context: Record<string, string> = {}) =>
    isAllowed({ principal, action: `kms:${action}`, resource: KEY, identity, resourcePolicy, context });
  const of = (secret: string) => ({ ...service('secretsmanager'), 'kms:EncryptionContext:SecretARN': SECRET(secret) });

  test('is rotated, kept with what it encrypts, and names each action', () => {
    template.hasResource('AWS::KMS::Key', {
      Properties: { EnableKeyRotation: true },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    const { Statement } = resourcePolicy as { Statement: { Action: unknown }[] };
    expect(JSON.stringify(Statement.map(({ Action }) => Action))).not.toContain('*');
  });

  test('encrypts the table, the secrets that the stack makes, and every log group', () => {
    const arn = { 'Fn::GetAtt': [key.id, 'Arn'] };
    const all = (type: string) => resources(template, type).map(({ Properties }) => Properties);
    expect(all('AWS::DynamoDB::Table').map((each) => each.SSESpecification)).toEqual([
      { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: arn },
    ]);
    expect(all('AWS::SecretsManager::Secret').map((each) => each.KmsKeyId)).toEqual([arn, arn]);
    expect(all('AWS::Logs::LogGroup').map((each) => each.KmsKeyId)).toEqual([arn, arn, arn]);
    expect(JSON.stringify(synthesised().toJSON())).not.toMatch(/kms/i);
  });

  test('decrypts a secret for the functions and for who pastes it, by way of Secrets Manager only', async () => {
    expect(await ask(VEND, 'Decrypt', [vendPolicy], of('default'))).toBe(true);
    expect(await ask(ROTATION, 'GenerateDataKey', [rotationPolicy], of('default'))).toBe(true);
    expect(await ask(OPERATOR, 'Decrypt', [ALLOW_ALL], of('default'))).toBe(true);
    expect(await ask(OPERATOR, 'GenerateDataKey', [ALLOW_ALL], of('default'))).toBe(true);
    expect(await ask(VEND, 'Decrypt', [vendPolicy], of('other'))).toBe(false);
    expect(await ask(VEND, 'Decrypt', [vendPolicy])).toBe(false);
    expect(await ask(ROTATION, 'Decrypt', [rotationPolicy], service('dynamodb'))).toBe(false);
    expect(await ask(ADMIN, 'Decrypt', [ALLOW_ALL])).toBe(false);
    expect(await ask(ADMIN, 'Decrypt', [], of('default'))).toBe(false);
  });

  test('serves the table by way of DynamoDB, which is handed it by who deploys and keeps it', async () => {
    const granted = { ...service('dynamodb'), 'kms:GrantIsForAWSResource': 'true' };
    expect(await ask(VEND, 'Decrypt', [vendPolicy], service('dynamodb'))).toBe(true);
    expect(await ask(ADMIN, 'CreateGrant', [ALLOW_ALL], granted)).toBe(true);
    expect(await ask(ADMIN, 'CreateGrant', [ALLOW_ALL], service('dynamodb'))).toBe(false);
    expect(await ask(ADMIN, 'CreateGrant', [ALLOW_ALL])).toBe(false);
  });

  test('can be managed by administrators of the account, so that nobody is ever shut out of it', async () => {
    for (const action of ['PutKeyPolicy', 'ScheduleKeyDeletion', 'DescribeKey', 'GetKeyPolicy']) {
      expect(await ask(ADMIN, action, [ALLOW_ALL])).toBe(true);
      expect(await ask(ADMIN, action, [statement('Allow', 's3:GetObject', '*')])).toBe(false);
    }
  });

  test("encrypts logs for CloudWatch Logs, of this stack's log groups", () => {
    const { Statement } = resourcePolicy as { Statement: { Principal: { Service?: string }; Condition: unknown }[] };
    expect(
      Statement.filter(({ Principal }) => Principal.Service).map((each) => [each.Principal, each.Condition]),
    ).toEqual([
      [
        { Service: `logs.${REGION}.amazonaws.com` },
        {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:FiskilTokenVending-*`,
          },
        },
      ],
    ]);
    // Which they are: CloudFormation begins the name of a group without one with the stack's.
    for (const { Properties: group } of resources(template, 'AWS::Logs::LogGroup')) {
      expect(group.LogGroupName).toBeUndefined();
    }
  });
});
