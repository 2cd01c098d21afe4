import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { EncryptCommand } from '@aws-sdk/client-kms';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Check } from './check';
import type { CheckContext } from './context';
import { allowedBy, failed, ok } from './finding';
import { deniedByPolicy } from './table';

const DEPLOY = 'deploy the stack again; if that does not help, look at the key in the KMS console';

const key: Check = {
  id: 'key',
  async run(context) {
    const { aws, stack } = context;
    const [own] = await stack.ofType('AWS::KMS::Key');
    if (!own) {
      return ok('fiskil:encryption is aws-owned: the stack has no key of its own');
    }
    const id = own.physicalId.replace(/^.*:key\//, '');
    // A dry run, so that KMS encrypts nothing even if the call is allowed.
    const use = aws.kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('verify'), DryRun: true }));
    const denied = await deniedByPolicy('kms:Encrypt', use, DEPLOY);
    if (denied.status !== 'ok') {
      return denied;
    }
    for (const [what, keyOf] of [...(await uses(context))]) {
      const used = await keyOf();
      if (!used?.endsWith(id)) {
        return failed(`${what} is not encrypted with the key ${id}`, DEPLOY);
      }
    }
    return ok(`The key ${id} encrypts the table, the secrets and the log groups, and you may not use it directly`);
  },
};

export const keyChecks = [key];

type Use = [what: string, keyOf: () => Promise<string | undefined>];

/** The resources that the stack encrypts with the key. An adopted secret has its own key. */
async function uses(context: CheckContext): Promise<Use[]> {
  const { aws, stack } = context;
  const secrets = await stack.ofType('AWS::SecretsManager::Secret');
  const groups = await stack.ofType('AWS::Logs::LogGroup');
  return [
    ['The table', () => tableKey(context)],
    ...secrets.map(({ physicalId: SecretId }): Use => {
      const call = () =>
        allowedBy('secretsmanager:DescribeSecret', aws.secrets.send(new DescribeSecretCommand({ SecretId })));
      return [`The secret ${SecretId}`, async () => (await call()).KmsKeyId];
    }),
    ...groups.map(({ physicalId }): Use => [`The log group ${physicalId}`, () => logGroupKey(context, physicalId)]),
  ];
}

async function tableKey({ aws, stack }: CheckContext): Promise<string | undefined> {
  const call = aws.dynamoDb.send(new DescribeTableCommand({ TableName: stack.tableName }));
  const { Table } = await allowedBy('dynamodb:DescribeTable', call);
  return Table?.SSEDescription?.KMSMasterKeyArn;
}

async function logGroupKey({ aws }: CheckContext, name: string): Promise<string | undefined> {
  const call = aws.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  const { logGroups = [] } = await allowedBy('logs:DescribeLogGroups', call);
  return logGroups.find(({ logGroupName }) => logGroupName === name)?.kmsKeyId;
}
