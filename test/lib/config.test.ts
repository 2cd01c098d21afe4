import { describe, expect, test } from '@jest/globals';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { configuration, DEFAULTS } from '../../lib/config';
import { ConfigurationError } from '../../lib/config-values';

const SECRET = 'arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:fiskil/default-AbC123';
const KEY = 'arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ROLE = 'arn:aws:iam::111122223333:role/team/reports';
const ORGANIZATION = { organization: 'o-a1b2c3d4e5', roles: ['nightly-*', 'team/report?'], credentials: ['default'] };
const TOPIC = 'arn:aws:sns:ap-southeast-2:111122223333:oncall';

function refusal(key: string, value: unknown): string {
  try {
    configuration({ [`fiskil:${key}`]: value });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return 'accepted';
}

test('an empty context gives the defaults that the README lists', () => {
  expect(configuration({})).toEqual({
    stackName: 'FiskilTokenVending',
    prefix: 'fiskil',
    credentials: { default: {} },
    callers: [],
    denied: [],
    tokenUrl: 'https://api.fiskil.com/v1/token',
    throttle: { rate: 50, burst: 100 },
    rotation: true,
    rotationDays: 90,
    apiGatewayLogRole: true,
    logRetentionDays: 90,
    alarmEmail: undefined,
    alarmTopicArn: undefined,
    encryption: 'aws-owned',
    vpcEndpointIds: [],
    secretOperators: undefined,
  });
});

test('keys of others are not ours to judge', () => {
  expect(configuration({ 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:x': true, fiskil: 1 })).toEqual(DEFAULTS);
});

describe('a value from cdk.json and the same value from `-c key=value` are one', () => {
  test.each([
    ['stackName', 'Vending2', 'Vending2'],
    ['prefix', 'acme/fiskil_1', 'acme/fiskil_1'],
    ['credentials', { default: {}, 'sandbox-energy': {} }, '{"default":{},"sandbox-energy":{}}'],
    ['credentials', { default: { secretArn: SECRET } }, `{"default":{"secretArn":"${SECRET}"}}`],
    [
      'credentials',
      { a: { secretArn: SECRET, kmsKeyArn: KEY } },
      `{"a":{"secretArn":"${SECRET}","kmsKeyArn":"${KEY}"}}`,
    ],
    ['callers', [], '[]'],
    ['callers', [ORGANIZATION], JSON.stringify([ORGANIZATION])],
    ['callers', [{ principal: ROLE, credentials: ['default'] }], `[{"principal":"${ROLE}","credentials":["default"]}]`],
    ['denied', [], '[]'],
    ['denied', [ROLE], `["${ROLE}"]`],
    ['logRetentionDays', 1, '1'],
    ['logRetentionDays', 3653, '3653'],
    ['tokenUrl', 'https://sandbox.example.com/token', 'https://sandbox.example.com/token'],
    ['tokenUrl', 'http://127.0.0.1:4011/v1/token', 'http://127.0.0.1:4011/v1/token'],
    ['tokenUrl', 'http://localhost:4011/v1/token', 'http://localhost:4011/v1/token'],
    ['tokenUrl', 'http://[::1]:4011/v1/token', 'http://[::1]:4011/v1/token'],
    ['throttle', { rate: 0.5, burst: 1 }, '{"rate":0.5,"burst":1}'],
    ['rotation', false, 'false'],
    ['rotationDays', 1, '1'],
    ['rotationDays', 3650, '3650'],
    ['apiGatewayLogRole', false, 'false'],
    ['alarmEmail', 'on.call+fiskil@example.com', 'on.call+fiskil@example.com'],
    ['alarmTopicArn', TOPIC, TOPIC],
    ['encryption', 'aws-owned', 'aws-owned'],
    ['encryption', 'customer-managed', 'customer-managed'],
    ['secretOperators', [ROLE], `["${ROLE}"]`],
    ['vpcEndpointIds', [], '[]'],
    ['vpcEndpointIds', ['vpce-0123456789abcdef0'], '["vpce-0123456789abcdef0"]'],
  ] as const)('%s %j', (name, value, text) => {
    expect(configuration({ [`fiskil:${name}`]: value })[name]).toEqual(value);
    expect(configuration({ [`fiskil:${name}`]: text })[name]).toEqual(value);
  });
});

test('an alarm can go to an address and to a topic', () => {
  const both = configuration({ 'fiskil:alarmEmail': 'a@example.com', 'fiskil:alarmTopicArn': TOPIC });
  expect([both.alarmEmail, both.alarmTopicArn]).toEqual(['a@example.com', TOPIC]);
});

describe('an unknown key is refused with the nearest known one', () => {
  test.each([
    ['tokenURL', 'tokenUrl'],
    ['credential', 'credentials'],
    ['RotationDays', 'rotationDays'],
    ['secretOperator', 'secretOperators'],
    ['alarmMail', 'alarmEmail'],
    ['deny', 'denied'],
    ['logRetention', 'logRetentionDays'],
    ['', 'prefix'],
  ])('%j', (name, meant) => {
    expect(refusal(name, 'x')).toBe(`fiskil:${name} is not a key of this app: did you mean fiskil:${meant}?`);
  });
});

const STACK_NAME =
  'fiskil:stackName must be a CloudFormation stack name: at most 128 letters, digits and hyphens, beginning with a letter.';
const PREFIX =
  'fiskil:prefix must be at most 128 letters, digits, hyphens and underscores in at most 10 parts separated by single slashes, beginning with a letter or digit and not with aws or ssm.';
const CREDENTIALS = 'fiskil:credentials must be a JSON object of credential names, such as {"default":{}}.';
const badName = (place: number) =>
  `fiskil:credentials: name ${place} cannot be used: a name has at most 32 lower-case letters, digits and single hyphens between them, and begins with a letter.`;
const SOURCE = 'fiskil:credentials.a must be {} for a new secret or {"secretArn": "…"} for an existing one.';
const SECRET_ARN =
  "fiskil:credentials.a.secretArn must be the secret's complete ARN, which ends in a hyphen and six characters that Secrets Manager chose: copy it from the secret's page in the console.";
const KMS_KEY =
  'fiskil:credentials.a.kmsKeyArn must be the ARN of a KMS key such as arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, not an alias or a bare id.';
const PASTED = 'remove it here, and paste the pair into the secret after the deploy.';
const CALLERS =
  'fiskil:callers must be a JSON array of objects such as {"principal":"111122223333","credentials":["default"]} or {"organization":"o-a1b2c3d4e5","roles":["nightly-*"],"credentials":["default"]}.';
const PRINCIPAL =
  'fiskil:callers[0].principal must be an account id of 12 digits in quotes or the ARN of an IAM role such as arn:aws:iam::111122223333:role/reports.';
const ORGANIZATION_ID = "fiskil:callers[0].organization must be an organization's id such as o-a1b2c3d4e5.";
const ROLE_NAME =
  'fiskil:callers[0].roles[0] must be the name of IAM roles with * for what differs, such as nightly-*, and not a wildcard alone.';
const DENIED =
  'fiskil:denied[0] must be the ARN of an IAM role with its path, such as arn:aws:iam::111122223333:role/team/reports.';
const RETENTION =
  'fiskil:logRetentionDays must be a number of days that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653.';
const URL_FORM = 'fiskil:tokenUrl must be a complete URL such as https://api.fiskil.com/v1/token.';
const HTTPS =
  'fiskil:tokenUrl must begin with https://, because the client secret is sent there (http:// is for loopback only).';
const USER = 'fiskil:tokenUrl must not contain a user name or a password: remove them.';
const THROTTLE = 'fiskil:throttle must be a JSON object such as {"rate":50,"burst":100}.';
const RATE = 'fiskil:throttle.rate must be a number above 0, in requests a second.';
const BURST = 'fiskil:throttle.burst must be a whole number of requests above 0.';
const DAYS = 'fiskil:rotationDays must be a whole number of days from 1 to 3650.';
const EMAIL = 'fiskil:alarmEmail must be one email address such as oncall@example.com.';
const SNS =
  'fiskil:alarmTopicArn must be the ARN of a standard SNS topic such as arn:aws:sns:ap-southeast-2:111122223333:oncall.';
const ENCRYPTION = 'fiskil:encryption must be "aws-owned" or "customer-managed".';
const OPERATOR =
  'fiskil:secretOperators[0] must be the ARN of an IAM role such as arn:aws:iam::111122223333:role/key-keeper.';
const ONE_CALLER = (given: object) => [{ principal: '111122223333', credentials: ['default'], ...given }];

describe('a value that cannot be used gets one sentence with its key', () => {
  test.each<[string, unknown, string]>([
    ['stackName', '', STACK_NAME],
    ['stackName', '1Stack', STACK_NAME],
    ['stackName', 'My_Stack', STACK_NAME],
    ['stackName', `A${'a'.repeat(128)}`, STACK_NAME],
    ['stackName', 12, STACK_NAME],
    ['prefix', '', PREFIX],
    ['prefix', '/fiskil', PREFIX],
    ['prefix', 'fiskil/', PREFIX],
    ['prefix', 'a//b', PREFIX],
    ['prefix', 'a b', PREFIX],
    ['prefix', 'AWS/fiskil', PREFIX],
    ['prefix', 'ssm-fiskil', PREFIX],
    ['prefix', 'a'.repeat(129), PREFIX],
    ['prefix', 'a/a/a/a/a/a/a/a/a/a/a', PREFIX],
    ['prefix', null, PREFIX],
    ['credentials', '{', CREDENTIALS],
    ['credentials', [], CREDENTIALS],
    ['credentials', null, CREDENTIALS],
    ['credentials', {}, 'fiskil:credentials names no credential: name at least one, such as {"default":{}}.'],
    ['credentials', { Default: {} }, badName(1)],
    ['credentials', { a: {}, '1a': {} }, badName(2)],
    ['credentials', { 'a--b': {} }, badName(1)],
    ['credentials', { 'a-': {} }, badName(1)],
    ['credentials', { a_b: {} }, badName(1)],
    ['credentials', { ['a'.repeat(33)]: {} }, badName(1)],
    [
      'credentials',
      { b: {}, 'a-1': {}, a1: {} },
      'fiskil:credentials: names 2 and 3 differ only by hyphens, and names of outputs have no hyphens: rename one.',
    ],
    ['credentials', { a: SECRET }, SOURCE],
    ['credentials', { a: null }, SOURCE],
    [
      'credentials',
      { a: { secretArn: SECRET, arn: SECRET } },
      'fiskil:credentials.a: member 2 is not one of secretArn, kmsKeyArn: correct it, or remove it.',
    ],
    ['credentials', { a: { client_secret: 'x' } }, `fiskil:credentials.a contains client_secret: ${PASTED}`],
    ['credentials', { a: { next_client_id: 'x' } }, `fiskil:credentials.a contains next_client_id: ${PASTED}`],
    ['credentials', { a: { secretArn: SECRET.slice(0, -7) } }, SECRET_ARN],
    ['credentials', { a: { secretArn: 'fiskil/default' } }, SECRET_ARN],
    ['credentials', { a: { secretArn: `${SECRET}\n` } }, SECRET_ARN],
    ['credentials', { a: { secretArn: SECRET.replace('AbC123', '??????') } }, SECRET_ARN],
    ['credentials', { a: { secretArn: 5 } }, SECRET_ARN],
    ['credentials', { a: { secretArn: SECRET, kmsKeyArn: KEY.replace('key/', 'alias/') } }, KMS_KEY],
    ['credentials', { a: { secretArn: SECRET, kmsKeyArn: '*' } }, KMS_KEY],
    [
      'credentials',
      { a: { kmsKeyArn: KEY } },
      'fiskil:credentials.a.kmsKeyArn is given without secretArn: name the existing secret that this key encrypts, or remove the key.',
    ],
    ['callers', {}, CALLERS],
    ['callers', '[', CALLERS],
    [
      'callers',
      ['111122223333'],
      'fiskil:callers[0] must be an object such as {"principal":"111122223333","credentials":["default"]} or {"organization":"o-a1b2c3d4e5","roles":["nightly-*"],"credentials":["default"]}.',
    ],
    ['callers', ONE_CALLER({ principal: 111122223333 }), PRINCIPAL],
    ['callers', ONE_CALLER({ principal: '11112222333' }), PRINCIPAL],
    ['callers', ONE_CALLER({ principal: '*' }), PRINCIPAL],
    ['callers', ONE_CALLER({ principal: ROLE.replace('role/', 'user/') }), PRINCIPAL],
    ['callers', ONE_CALLER({ principal: ROLE.replace('reports', '*') }), PRINCIPAL],
    ['callers', ONE_CALLER({ principal: undefined }), PRINCIPAL],
    [
      'callers',
      ONE_CALLER({ credentials: 'default' }),
      'fiskil:callers[0].credentials must be a JSON array of credential names.',
    ],
    [
      'callers',
      ONE_CALLER({ credentials: [] }),
      'fiskil:callers[0].credentials is empty: name the credentials that this caller may use.',
    ],
    [
      'callers',
      ONE_CALLER({ credentials: ['other'] }),
      'fiskil:callers[0].credentials[0] is not a name in fiskil:credentials: correct it, or add it there.',
    ],
    [
      'callers',
      [ORGANIZATION, { ...ORGANIZATION, credentials: ['default', 'toString'] }],
      'fiskil:callers[1].credentials[1] is not a name in fiskil:credentials: correct it, or add it there.',
    ],
    ['callers', ONE_CALLER({ credentials: [5] }), 'fiskil:callers[0].credentials[0] must be the name of a credential.'],
    ['callers', [{ ...ORGANIZATION, organization: 'r-a1b2' }], ORGANIZATION_ID],
    ['callers', [{ ...ORGANIZATION, organization: '*' }], ORGANIZATION_ID],
    ['callers', [{ ...ORGANIZATION, organization: undefined }], ORGANIZATION_ID],
    ['callers', [{ ...ORGANIZATION, roles: undefined }], 'fiskil:callers[0].roles must be a JSON array of role names.'],
    ['callers', [{ ...ORGANIZATION, roles: [] }], 'fiskil:callers[0].roles is empty: name the roles that may call.'],
    ['callers', [{ ...ORGANIZATION, roles: ['*'] }], ROLE_NAME],
    ['callers', [{ ...ORGANIZATION, roles: ['*/?-*'] }], ROLE_NAME],
    ['callers', [{ ...ORGANIZATION, roles: ['/nightly'] }], ROLE_NAME],
    ['callers', [{ ...ORGANIZATION, roles: ['a:b'] }], ROLE_NAME],
    [
      'callers',
      [{ ...ORGANIZATION, principal: ROLE }],
      'fiskil:callers[0]: member 4 is not one of organization, roles, credentials: correct it, or remove it.',
    ],
    [
      'callers',
      ONE_CALLER({ role: ROLE }),
      'fiskil:callers[0]: member 3 is not one of principal, credentials: correct it, or remove it.',
    ],
    ['tokenUrl', '', URL_FORM],
    ['tokenUrl', 'api.fiskil.com', URL_FORM],
    ['tokenUrl', 'https://api.fiskil.com/v1/token\n', URL_FORM],
    ['tokenUrl', true, URL_FORM],
    ['tokenUrl', 'http://api.fiskil.com/v1/token', HTTPS],
    ['tokenUrl', 'http://127.0.0.1.example.com/', HTTPS],
    ['tokenUrl', 'http://localhost.example.com/', HTTPS],
    ['tokenUrl', 'ftp://localhost/', HTTPS],
    ['tokenUrl', 'https://canary@api.fiskil.com/v1/token', USER],
    ['tokenUrl', 'https://:canary@api.fiskil.com/v1/token', USER],
    [
      'tokenUrl',
      'https://api.fiskil.com/#x',
      'fiskil:tokenUrl must not contain a fragment: remove the # and what follows.',
    ],
    ['throttle', 50, THROTTLE],
    ['throttle', 'fast', THROTTLE],
    ['throttle', { rate: 0, burst: 1 }, RATE],
    ['throttle', { rate: -1, burst: 1 }, RATE],
    ['throttle', { burst: 1 }, RATE],
    ['throttle', { rate: 1, burst: 1.5 }, BURST],
    ['throttle', { rate: 1, burst: 0 }, BURST],
    ['throttle', { rate: 1 }, BURST],
    [
      'throttle',
      { rate: 1, burst: 1, quota: 1 },
      'fiskil:throttle: member 3 is not one of rate, burst: correct it, or remove it.',
    ],
    ['rotation', 'yes', 'fiskil:rotation must be true or false.'],
    ['rotation', 1, 'fiskil:rotation must be true or false.'],
    ['rotationDays', 0, DAYS],
    ['rotationDays', 3651, DAYS],
    ['rotationDays', 1.5, DAYS],
    ['rotationDays', 'ninety', DAYS],
    ['rotationDays', '', DAYS],
    ['apiGatewayLogRole', '', 'fiskil:apiGatewayLogRole must be true or false.'],
    ['denied', ROLE, 'fiskil:denied must be a JSON array of IAM role ARNs.'],
    ['denied', ['reports'], DENIED],
    ['denied', [ROLE.replace('reports', '*')], DENIED],
    ['denied', ['arn:aws:iam::111122223333:root'], DENIED],
    ['logRetentionDays', 91, RETENTION],
    ['logRetentionDays', 0, RETENTION],
    ['logRetentionDays', 9999, RETENTION],
    ['logRetentionDays', 'a year', RETENTION],
    ['alarmEmail', 'oncall', EMAIL],
    ['alarmEmail', 'a@example.com,b@example.com', EMAIL],
    ['alarmEmail', 'a@example', EMAIL],
    ['alarmTopicArn', 'oncall', SNS],
    ['alarmTopicArn', `${TOPIC}.fifo`, SNS],
    ['encryption', 'kms', ENCRYPTION],
    ['encryption', true, ENCRYPTION],
    ['vpcEndpointIds', 'vpce-0123456789abcdef0', 'fiskil:vpcEndpointIds must be a JSON array of VPC endpoint ids.'],
    [
      'vpcEndpointIds',
      ['vpc-0123456789abcdef0'],
      'fiskil:vpcEndpointIds[0] must be a VPC endpoint id such as vpce-0123456789abcdef0.',
    ],
    ['secretOperators', ROLE, 'fiskil:secretOperators must be a JSON array of IAM role ARNs.'],
    [
      'secretOperators',
      [],
      'fiskil:secretOperators is empty, which would deny everyone: name at least one role, or remove the key.',
    ],
    ['secretOperators', ['*'], OPERATOR],
    ['secretOperators', ['arn:aws:iam::111122223333:root'], OPERATOR],
  ])('%s %j', (name, value, sentence) => {
    expect(refusal(name, value)).toBe(sentence);
  });
});

test('logs can be kept for each time that CDK knows, but not for ever', () => {
  const known = Object.values(RetentionDays).filter(
    (each) => typeof each === 'number' && each !== RetentionDays.INFINITE,
  );
  expect(known.length).toBeGreaterThan(20);
  for (const days of known) expect(configuration({ 'fiskil:logRetentionDays': days }).logRetentionDays).toBe(days);
});

test('a client secret that was pasted in the wrong place is not repeated', () => {
  const canary = 'CANARY-c1ient-secret';
  const places = Object.keys(DEFAULTS).flatMap((name) => [
    refusal(name, `${canary}\n`),
    refusal(name, `{"${canary}`),
    refusal(name, { [canary]: {} }),
    refusal(name, { default: canary }),
    refusal(name, { default: { [canary]: '' } }),
    refusal(name, { default: { client_secret: canary } }),
    refusal(name, { rate: canary, burst: canary }),
    refusal(name, [canary]),
    refusal(name, [{ [canary]: '' }]),
    refusal(name, [{ principal: canary, credentials: ['default'] }]),
    refusal(name, [{ principal: '111122223333', credentials: [canary] }]),
    refusal(name, [{ organization: canary, roles: ['a'], credentials: ['default'] }]),
    refusal(name, [{ organization: 'o-a1b2c3d4e5', roles: [`${canary}\n`], credentials: ['default'] }]),
  ]);
  expect(places).not.toContain('accepted');
  expect(places.join()).not.toContain(canary);
});

test('names of credentials that are in order are not listed where another one is not', () => {
  const credentials = { canary: {}, default: {} };
  const refused = () =>
    configuration({ 'fiskil:credentials': credentials, 'fiskil:callers': ONE_CALLER({ credentials: ['x'] }) });
  expect(refused).toThrow(/^fiskil:callers\[0\]\.credentials\[0\] is not a name in fiskil:credentials/);
  expect(refused).not.toThrow(/canary/);
});
