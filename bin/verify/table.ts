import {
  DescribeTimeToLiveCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  GetResourcePolicyCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { nameOf } from '../../lambda/aws/error-name';
import type { Check } from './check';
import type { CheckContext } from './context';
import { allowedBy, type Finding, FoundWrong, failed, isDenied, needing, ok } from './finding';
import { isSamePolicy } from './template';

const DEPLOY =
  'deploy the stack again; a deploy that changes nothing needs the policy put back by hand (docs/operations.md)';

/** A key that no record has. So no token comes back, even without the policy. */
const NOBODY = '-verify-';

const tablePolicy: Check = {
  id: 'table-policy',
  async run(context) {
    const { tableName: TableName } = context.stack;
    const { dynamoDb } = context.aws;
    const differs = await differsFromTemplate(context);
    if (differs) {
      return differs;
    }
    const probes: [string, Promise<unknown>][] = [
      ['dynamodb:GetItem', dynamoDb.send(new GetItemCommand({ TableName, Key: { credential: { S: NOBODY } } }))],
      ['dynamodb:Scan', dynamoDb.send(new ScanCommand({ TableName, Select: 'COUNT', Limit: 1 }))],
      ['dynamodb:PartiQLSelect', dynamoDb.send(new ExecuteStatementCommand({ Statement: select(TableName) }))],
    ];
    const findings = await Promise.all(probes.map(([action, call]) => deniedByPolicy(action, call, DEPLOY)));
    const worst = findings.find(({ status }) => status === 'failed') ?? findings.find(({ status }) => status !== 'ok');
    if (worst) {
      return worst;
    }
    return ok("GetItem, Scan and PartiQL are denied to you, and the table's policy is the template's");
  },
};

const ttl: Check = {
  id: 'ttl',
  async run({ aws, stack }) {
    const { TimeToLiveDescription: { TimeToLiveStatus, AttributeName } = {} } = await allowedBy(
      'dynamodb:DescribeTimeToLive',
      aws.dynamoDb.send(new DescribeTimeToLiveCommand({ TableName: stack.tableName })),
    );
    if (TimeToLiveStatus === 'ENABLED' && AttributeName === 'ttl') {
      return ok('TTL is enabled on ttl');
    }
    const todo = 'switch it on for the attribute ttl in the DynamoDB console, or deploy the stack again';
    return failed(`TTL is ${TimeToLiveStatus ?? 'unknown'} on ${AttributeName ?? 'no attribute'}`, todo);
  },
};

export const table = [tablePolicy, ttl];

const select = (tableName: string) => `SELECT credential FROM "${tableName}" WHERE credential = '${NOBODY}'`;

/** Whether the resource's own policy denies a call. AWS's message says which kind of policy denied it; the command does not print the message. If a
 * service does not say that, the denial counts, because the check also compares the policy itself.
 */
export async function deniedByPolicy(action: string, call: Promise<unknown>, todo: string): Promise<Finding> {
  try {
    await call;
  } catch (error) {
    const { message = '' } = error as Partial<Error>;
    const isOthers =
      /(identity-based|session|service control|resource control|permissions boundary) polic|permissions boundary/;
    if (isDenied(error)) {
      return isOthers.test(message) ? needing(action) : ok(`${action} is denied`);
    }
    if (!PASSED.includes(nameOf(error))) {
      return failed(`AWS did not answer ${action} (${nameOf(error)})`, 'run this again');
    }
  }
  return failed(`You may call ${action}, but the policy must deny it`, todo);
}

/** The answers to a caller that is allowed: a version does not exist, or a dry run would have succeeded. */
const PASSED = ['ResourceNotFoundException', 'DryRunOperationException'];

async function differsFromTemplate({ aws, stack }: CheckContext): Promise<Finding | undefined> {
  const call = aws.dynamoDb.send(
    new GetResourcePolicyCommand({ ResourceArn: stack.arn('dynamodb', `table/${stack.tableName}`) }),
  );
  const { Policy } = await allowedBy(
    'dynamodb:GetResourcePolicy',
    call.catch((error: unknown) => {
      if (nameOf(error) !== 'PolicyNotFoundException') {
        throw error;
      }
      throw new FoundWrong(failed('The table has no policy', DEPLOY));
    }),
  );
  const template = await stack.template();
  const [properties] = template.ofType('AWS::DynamoDB::Table').values();
  const { PolicyDocument } = (properties?.ResourcePolicy ?? {}) as { PolicyDocument?: unknown };
  if (isSamePolicy(JSON.parse(Policy ?? '{}'), template.resolve(PolicyDocument))) {
    return undefined;
  }
  return failed("The table's policy is not the template's: somebody changed it by hand", DEPLOY);
}
