import { GATEWAY_HEADERS, type GatewayCode, gatewayBody } from '../../lib/gateway-answers';
import { until } from '../support/until';
import { type Asked, failure, json, type Stub, type Stubs, type Told } from './aws-front';
import type { World } from './world';

/** The emulator cannot deploy these. The stubs answer as if the stack had them. */
export const ROTATION_FUNCTION = 'the-rotation-function';
export const KEY = '1234abcd-12ab-34cd-56ef-1234567890ab';

const SECRET_POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': ['arn:aws:iam::000000000000:role/key-keeper'] } },
    },
  ],
};

/** AWS's messages when a resource's policy denies. */
export const BY_RESOURCE_POLICY =
  'User: me is not authorized to perform: it with an explicit deny in a resource-based policy';
export const BY_KEY_POLICY =
  'User: me is not authorized to perform: it because no resource-based policy allows the action';

/**
 * Stubs for the AWS APIs that the emulator lacks or that it answers differently from AWS. Each does no more than the checks need. The emulator
 * answers everything else, about a stack that `cdk deploy` deployed.
 */
export function missingApis(world: World): Stubs {
  return {
    ...gateway(),
    ...tablePolicies(world),
    ...logs(world),
    ...metrics(world),
    ...operatorsAndRotation(world),
    ...ownKey(),
  };
}

/** API Gateway: its own answers to a known caller without permission. The emulator has one answer for all of them, in other words. */
function gateway(): Stubs {
  const own =
    (code: GatewayCode, type: string): Stub =>
    async (_asked, behind) => {
      const told = await behind();
      if (told.headers['x-amzn-errortype'] !== 'AccessDeniedException') return told;
      return { status: 403, headers: { ...GATEWAY_HEADERS, 'x-amzn-errortype': type }, body: gatewayBody(code) };
    };
  return {
    'GET tokens/default': own('access_denied', 'AccessDeniedException'),
    // AWS looks for the route before it checks permissions.
    'GET no-such-route': own('unsigned_or_unknown_route', 'MissingAuthenticationTokenException'),
  };
}

/** DynamoDB: resource policies, and TTL, which the emulator's CloudFormation drops. */
function tablePolicies(world: World): Stubs {
  const deny: Stub = () => failure('AccessDeniedException', BY_RESOURCE_POLICY);
  return {
    'dynamodb:GetItem': deny,
    'dynamodb:Scan': deny,
    'dynamodb:ExecuteStatement': deny,
    // AWS may write the policy differently: one statement without its list, and the actions in another order.
    'dynamodb:GetResourcePolicy': async () => {
      const [statement] = await tableStatements(world);
      return json({ Policy: JSON.stringify({ Version: '2012-10-17', Statement: statement }) });
    },
    'dynamodb:DescribeTimeToLive': () =>
      json({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } }),
  };
}

async function tableStatements({ template, deployed }: World): Promise<object[]> {
  const [table] = ofType(template, 'AWS::DynamoDB::Table');
  const { PolicyDocument } = (table?.ResourcePolicy ?? {}) as {
    PolicyDocument?: { Statement: { Action: string[] }[] };
  };
  const role = JSON.stringify(await deployed.function.roleArn());
  return (PolicyDocument?.Statement ?? []).map((statement) =>
    JSON.parse(
      JSON.stringify({ ...statement, Action: [...statement.Action].reverse() }).replace(/\{"Fn::GetAtt":[^}]*\}/, role),
    ),
  );
}

/** CloudWatch Logs: API Gateway's access log, its request id in the function's log, and Lambda's init durations. */
function logs(world: World): Stubs {
  const { deployed } = world;
  return {
    'logs:FilterLogEvents': async ({ body }, behind) => {
      const { logGroupName, filterPattern } = JSON.parse(body) as Record<string, string>;
      const text = JSON.parse(filterPattern ?? '""') as string;
      if (text === 'Init Duration') return eventsOf([512.5, 487.25, 903].map(report));
      if (!/^[0-9a-f-]{36}$/.test(text)) return behind();
      // The emulator gives the caller one request id and the function another.
      const line = await until('the audit line', 20_000, async () =>
        (await deployed.function.logLines()).findLast(
          (each) => each.includes('"audit"') && each.includes(`/${world.session}"`),
        ),
      );
      const fields = JSON.parse(line) as Record<string, string>;
      const access = { requestId: text, userArn: fields.caller_arn };
      return eventsOf([
        JSON.stringify(logGroupName?.includes('AccessLogs') ? access : { ...fields, request_id: text }),
      ]);
    },
  };
}

const report = (ms: number) => `REPORT RequestId: x\tDuration: 12 ms\tMemory Size: 512 MB\tInit Duration: ${ms} ms\t\n`;

export const eventsOf = (messages: readonly string[]): Told =>
  json({ events: messages.map((message) => ({ message })) });

/** CloudWatch: metrics from log lines (EMF), and the states of alarms. In the emulator these never change. */
function metrics({ deployed }: World): Stubs {
  const credentials = Object.keys(deployed.outputs).filter((name) => name.startsWith('SecretName')).length;
  return {
    'monitoring:GetMetricStatistics': ({ body }) => {
      const { MetricName, Dimensions } = JSON.parse(body) as { MetricName: string; Dimensions: { Name: string }[] };
      const isOurs = MetricName.includes('Tick') && Dimensions.some(({ Name }) => Name === 'service');
      return json({
        Label: MetricName,
        Datapoints: isOurs ? Array.from({ length: 5 }, () => ({ Sum: credentials })) : [],
      });
    },
    'monitoring:DescribeAlarms': edited((body) => body.replaceAll('INSUFFICIENT_DATA', 'OK')),
  };
}

/** Secrets Manager: policies of secrets and rotation schedules, which the emulator's CloudFormation does not know. */
function operatorsAndRotation({ template, deployed }: World): Stubs {
  const secret = Object.entries(resourcesOf(template)).find(
    ([, { Type }]) => Type === 'AWS::SecretsManager::Secret',
  )?.[0];
  const policy = {
    Type: 'AWS::SecretsManager::ResourcePolicy',
    Properties: { SecretId: { Ref: secret }, ResourcePolicy: SECRET_POLICY },
  };
  const Resources = { ...resourcesOf(template), SecretPolicy: policy };
  const RotationLambdaARN = `arn:aws:lambda:ap-southeast-2:000000000000:function:${ROTATION_FUNCTION}`;
  const output = `<member><OutputKey>RotationFunctionName</OutputKey><OutputValue>${ROTATION_FUNCTION}</OutputValue></member>`;
  return {
    'cloudformation:GetTemplate': () =>
      xml('GetTemplate', `<TemplateBody>${escaped(JSON.stringify({ Resources }))}</TemplateBody>`),
    'cloudformation:DescribeStacks': edited((body) => body.replace('</Outputs>', `${output}</Outputs>`)),
    'lambda:GetFunctionConfiguration': async ({ url }, behind) => {
      if (!url.pathname.includes(ROTATION_FUNCTION)) return behind();
      return json({ FunctionName: ROTATION_FUNCTION, LoggingConfig: { LogGroup: await deployed.function.logGroup() } });
    },
    'secretsmanager:GetResourcePolicy': () => json({ ResourcePolicy: JSON.stringify(SECRET_POLICY) }),
    'secretsmanager:GetSecretValue': () => failure('AccessDeniedException', BY_RESOURCE_POLICY),
    'secretsmanager:DescribeSecret': merged({ RotationEnabled: true, RotationLambdaARN, KmsKeyId: keyArn }),
  };
}

/** KMS: policies of keys, and the key of the stack on what it encrypts. */
function ownKey(): Stubs {
  const member = `<member><LogicalResourceId>Key</LogicalResourceId><PhysicalResourceId>${KEY}</PhysicalResourceId><ResourceType>AWS::KMS::Key</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`;
  return {
    'cloudformation:ListStackResources': edited((body) =>
      body.replace('<StackResourceSummaries>', `<StackResourceSummaries>${member}`),
    ),
    'kms:Encrypt': () => failure('AccessDeniedException', BY_KEY_POLICY),
    'dynamodb:DescribeTable': () => json({ Table: { SSEDescription: { KMSMasterKeyArn: keyArn } } }),
    'logs:DescribeLogGroups': ({ body }) => {
      const { logGroupNamePrefix: logGroupName } = JSON.parse(body) as Record<string, string>;
      return json({ logGroups: [{ logGroupName, kmsKeyId: keyArn }] });
    },
  };
}

const keyArn = `arn:aws:kms:ap-southeast-2:000000000000:key/${KEY}`;

/** The answer from behind, with its text changed. */
export function edited(change: (body: string) => string): Stub {
  return async (_asked: Asked, behind) => {
    const told = await behind();
    return { ...told, body: change(told.body) };
  };
}

/** The answer from behind, with members of its JSON changed. */
export function merged(members: object): Stub {
  return edited((body) => JSON.stringify({ ...JSON.parse(body), ...members }));
}

export function xml(operation: string, result: string): Told {
  const body = `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

const resourcesOf = (template: string) => JSON.parse(template).Resources as Record<string, Resource>;

const ofType = (template: string, type: string) =>
  Object.values(resourcesOf(template))
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
