import { expect, test } from '@jest/globals';
import { grants, type Statement, synthesised } from './synth';

const SECRET = 'arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:team/fiskil-Energy-AbC123';
const ENCRYPTED = SECRET.replace('Energy', 'Banking');
const KEY = 'arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const EVERY_KIND = {
  default: {},
  'sandbox-energy': {},
  existing: { secretArn: SECRET },
  encrypted: { secretArn: ENCRYPTED, kmsKeyArn: KEY },
};

const asList = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** The statements that allow an action. */
const allowing = (statements: Statement[], action: string) =>
  statements.filter((statement) => asList(statement.Action).includes(action));

const ownSecret = (name: string) => ({
  'Fn::Join': [
    '',
    ['arn:', { Ref: 'AWS::Partition' }, `:secretsmanager:ap-southeast-2:111122223333:secret:${name}-??????`],
  ],
});

test("no statement has a wildcard action, or a wildcard resource but the six characters that end a secret's ARN", () => {
  const statements = grants(synthesised({ 'fiskil:credentials': EVERY_KIND }));
  expect(statements.length).toBeGreaterThan(5);
  for (const statement of statements) {
    expect(JSON.stringify(statement.Action)).not.toMatch(/[*?]/);
    for (const resource of asList(statement.Resource ?? [])) {
      expect(JSON.stringify(resource).replace(/(:secret:[\w/-]+-)\?{6}"/, '$1"')).not.toMatch(/[*?]/);
    }
  }
});

test('the function may write its log, use its table and read its secret, and nothing else', () => {
  const statements = grants(synthesised({ 'fiskil:rotation': false }));
  const allowed = statements.filter(
    ({ Resource, Action }) => Resource !== undefined && Action !== 'execute-api:Invoke',
  );
  expect(allowed).toEqual([
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/VendLogs/), 'Arn'] },
    },
    {
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
      Resource: [{ 'Fn::GetAtt': ['TokenVendingTokenTableC04E9796', 'Arn'] }],
    },
    {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: ownSecret('fiskil/default'),
    },
  ]);
});

test('each secret of the stack is granted by its own name, an existing one by its exact ARN', () => {
  const template = synthesised({ 'fiskil:credentials': EVERY_KIND });
  const readable = allowing(grants(template), 'secretsmanager:GetSecretValue').flatMap(({ Resource }) =>
    asList(Resource),
  );
  expect(readable).toEqual(
    expect.arrayContaining([ownSecret('fiskil/default'), ownSecret('fiskil/sandbox-energy'), SECRET]),
  );
  // Only two secrets are made: the other two credentials have theirs.
  template.resourceCountIs('AWS::SecretsManager::Secret', 2);
  template.hasOutput('SecretNameExisting', { Value: 'team/fiskil-Energy' });
});

test("a secret's key decrypts only for Secrets Manager and only that secret", () => {
  const template = synthesised({ 'fiskil:credentials': EVERY_KIND, 'fiskil:rotation': false });
  const decrypting = allowing(grants(template), 'kms:Decrypt');
  expect(decrypting).toEqual([
    {
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: KEY,
      Condition: {
        StringEquals: {
          'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.ap-southeast-2.', { Ref: 'AWS::URLSuffix' }]] },
        },
        StringLike: { 'kms:EncryptionContext:SecretARN': ENCRYPTED },
      },
    },
  ]);
});

test('the one managed policy is the one that API Gateway needs to log, and only where its role is made', () => {
  const managed = (template: ReturnType<typeof synthesised>) =>
    Object.values(template.findResources('AWS::IAM::Role')).flatMap((role) => role.Properties.ManagedPolicyArns ?? []);
  expect(JSON.stringify(managed(synthesised()))).toMatch(
    /^[^/]*\/service-role\/AmazonAPIGatewayPushToCloudWatchLogs"[^/]*$/,
  );
  expect(managed(synthesised({ 'fiskil:apiGatewayLogRole': false }))).toEqual([]);
});

test('the function is invoked by the two methods of the API and by the tick, each by its ARN', () => {
  const permissions = Object.values(
    synthesised({ 'fiskil:rotation': false }).findResources('AWS::Lambda::Permission'),
  ).map(({ Properties: { Principal, SourceArn, SourceAccount } }) => [
    Principal,
    JSON.stringify(SourceArn),
    SourceAccount,
  ]);
  expect(permissions).toEqual([
    ['apigateway.amazonaws.com', expect.stringMatching(/"\/GET\/tokens\/\*"/), undefined],
    ['apigateway.amazonaws.com', expect.stringMatching(/"\/POST\/tokens\/\*\/rejections"/), undefined],
    ['events.amazonaws.com', expect.stringMatching(/^\{"Fn::GetAtt":\["TokenVendingTick/), undefined],
  ]);
});
