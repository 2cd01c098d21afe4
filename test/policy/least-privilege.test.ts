import { describe, expect, test } from '@jest/globals';
import { DATA_PLANE } from '../../lib/token-table';
import { synthesised } from '../lib/synth';
import { ACCOUNT, ALLOW_ALL, isAllowed, property, REGION, resolved, statement } from './evaluate';

const OPERATOR = `arn:aws:iam::${ACCOUNT}:role/team/key-keeper`;
const ADOPTED = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:team/fiskil-Energy-AbC123`;

const template = synthesised({
  'fiskil:credentials': { default: {}, 'sandbox-energy': {}, adopted: { secretArn: ADOPTED } },
  'fiskil:secretOperators': [OPERATOR],
  'fiskil:encryption': 'customer-managed',
});

const role = (part: string) => {
  const id = Object.keys(template.findResources('AWS::IAM::Role')).find((each) => each.includes(part));
  return `arn:aws:iam::${ACCOUNT}:role/${id}`;
};
const VEND = role('VendRole');
const ROTATION = role('RotationRole');
const ADMIN = `arn:aws:iam::${ACCOUNT}:role/admin`;
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;

const vendPolicy = property(template, 'AWS::IAM::Policy', 'VendRole', 'PolicyDocument');
const rotationPolicy = property(template, 'AWS::IAM::Policy', 'RotationRole', 'PolicyDocument');

const SECRET = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:fiskil/${name}-A1b2C3`;
const TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/TokenVendingTokenTableC04E9796`;
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

test('each role of the stack, and all that it may do', () => {
  const asList = (value: unknown) => (Array.isArray(value) ? value : [value]) as string[];
  const may = ({ Statement }: { Statement?: { Action: unknown; Resource: unknown }[] }) =>
    (Statement ?? []).flatMap(({ Action, Resource }) =>
      asList(Resource).map((each) => `${short(each)}: ${asList(Action).map(short).join(' ')}`),
    );
  const short = (text: string) => text.replace(/^.*(?:log-group:|table\/|secret:|key\/)|^.*?:(?=\w+$)/, '');
  const KEY_USE =
    'Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo';
  const ROTATE = 'DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage';

  expect(Object.keys(template.findResources('AWS::IAM::Role')).sort()).toEqual([
    expect.stringMatching(/RotationRole/),
    expect.stringMatching(/VendRole/),
    // Holds what AWS says that API Gateway needs to log, and nothing else.
    expect.stringMatching(/VendingApiCloudWatchRole/),
  ]);
  const log = (id: RegExp) => expect.stringMatching(new RegExp(`^TokenVending${id.source}\\w+: CreateLogStream`));
  expect(may(vendPolicy)).toEqual([
    log(/VendLogs/),
    'TokenVendingTokenTableC04E9796: GetItem UpdateItem',
    `1234abcd-12ab-34cd-56ef-1234567890ab: ${KEY_USE}`,
    'fiskil/default-??????: GetSecretValue',
    'fiskil/sandbox-energy-??????: GetSecretValue',
    'team/fiskil-Energy-AbC123: GetSecretValue',
    '1234abcd-12ab-34cd-56ef-1234567890ab: Decrypt',
  ]);
  expect(may(rotationPolicy)).toEqual([
    log(/RotationLogs/),
    `fiskil/default-??????: ${ROTATE}`,
    `fiskil/sandbox-energy-??????: ${ROTATE}`,
    `team/fiskil-Energy-AbC123: ${ROTATE}`,
    '1234abcd-12ab-34cd-56ef-1234567890ab: Decrypt GenerateDataKey',
  ]);
});

describe('the table', () => {
  const { PolicyDocument: resourcePolicy } = property(template, 'AWS::DynamoDB::Table', '', 'ResourcePolicy') as {
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
  });

  test('can still be described, updated, opened in an emergency and deleted by who deploys', async () => {
    const control = ['DescribeTable', 'UpdateTable', 'DeleteTable', 'UpdateTimeToLive', 'PutResourcePolicy'];
    for (const action of control) expect(await ask(ADMIN, `dynamodb:${action}`, ALLOW_ALL)).toBe(true);
  });
});

describe("a secret's value", () => {
  const policies = Object.values(template.findResources('AWS::SecretsManager::ResourcePolicy'));
  const ask = (principal: string, action: string, identity: object[], resource = SECRET('default')) =>
    isAllowed({
      principal,
      action: `secretsmanager:${action}`,
      resource,
      identity,
      resourcePolicy: resolved(policies[0]?.Properties.ResourcePolicy) as object,
    });

  test('is guarded by the same policy for each credential, that of an existing secret too', () => {
    expect(policies.map(({ Properties }) => Properties.SecretId)).toEqual([
      { Ref: 'TokenVendingSecretDefaultSecretDDF25401' },
      { Ref: 'TokenVendingSecretSandboxEnergySecret7DDB191D' },
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

describe("the stack's key", () => {
  const resourcePolicy = property(template, 'AWS::KMS::Key', '', 'KeyPolicy');
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
    const key = { 'Fn::GetAtt': [expect.stringMatching(/EncryptionKey/), 'Arn'] };
    const all = (type: string) => Object.values(template.findResources(type)).map(({ Properties }) => Properties);
    expect(all('AWS::DynamoDB::Table').map((each) => each.SSESpecification)).toEqual([
      { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key },
    ]);
    expect(all('AWS::SecretsManager::Secret').map((each) => each.KmsKeyId)).toEqual([key, key]);
    expect(all('AWS::Logs::LogGroup').map((each) => each.KmsKeyId)).toEqual([key, key, key]);
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
    for (const { Properties: group } of Object.values(template.findResources('AWS::Logs::LogGroup'))) {
      expect(group.LogGroupName).toBeUndefined();
    }
  });
});
