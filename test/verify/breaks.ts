import type { Id } from '../../bin/verify/check';
import { gatewayBody } from '../../lib/gateway-answers';
import { failure, json, type Stub, type Stubs, type Told } from './aws-front';
import { edited, eventsOf, merged } from './missing-apis';

/** A value that no output may hold. */
const VALUE = 'canary-value-of-the-secret';

const ok = (change: (told: Told) => Told): Stub => {
  return async (_asked, behind) => {
    const told = await behind();
    return told.status === 200 ? change(told) : told;
  };
};

/** Of the signed requests for a token without a query. */
const plain = (stub: Stub): Stubs => ({
  'GET tokens/default': (asked, behind) =>
    asked.headers.authorization !== undefined && asked.url.search === '' ? stub(asked, behind) : behind(),
});
const refusedWith = (body: string): Told => ({
  status: 502,
  headers: { 'content-type': 'application/problem+json' },
  body,
});

/** When the request says that it was signed: milliseconds ago. */
const age = (date: unknown) => {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(date)) ?? [];
  return Date.now() - Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
};
const signatureRefused = (isOld: boolean): Stubs =>
  plain(async (asked, behind) => {
    const told = await behind();
    const isThis = told.body.includes('signature_invalid') && age(asked.headers['x-amz-date']) > 300_000 === isOld;
    return isThis ? { ...told, headers: { ...told.headers, 'cache-control': 'max-age=60' } } : told;
  });

const inLog = (group: string, stub: Stub): Stubs => onBody(new RegExp(`"logGroupName":"[^"]*${group}`), stub);
const onText = (text: string, stub: Stub): Stubs => onBody(new RegExp(text), stub);
const onBody = (pattern: RegExp, stub: Stub): Stubs => ({
  'logs:FilterLogEvents': (asked, behind) => (pattern.test(asked.body) ? stub(asked, behind) : behind()),
});

// What is broken, and the one row that is red for it.
export const BREAKS: readonly (readonly [id: Id, what: string, how: () => Stubs])[] = [
  [
    'unsigned',
    'the answer to an unsigned request can be kept by a cache',
    () => ({
      'GET tokens/default': async ({ headers, url }, behind) => {
        const told = await behind();
        if (headers.authorization || url.search) return told;
        const { 'cache-control': _, ...others } = told.headers;
        return { ...told, headers: others };
      },
    }),
  ],
  ['wrong-key', 'the refusal can be kept by a cache', () => signatureRefused(false)],
  ['old-date', 'the refusal can be kept by a cache', () => signatureRefused(true)],
  [
    'unknown-route',
    "the refusal is in AWS's own words",
    () => ({ 'GET no-such-route': () => json({ message: 'Missing Authentication Token' }, 403) }),
  ],
  [
    'narrowed-session',
    "a session's own policy is not heeded",
    () =>
      plain(async (_asked, behind) => {
        const told = await behind();
        return told.body.includes('access_denied') ? json({ token: 'canary-token' }) : told;
      }),
  ],
  [
    'signed',
    'the pair is refused',
    () => plain(ok(() => refusedWith('{"code":"credentials_rejected","detail":"Check."}'))),
  ],
  [
    'min-ttl',
    'the token lives shorter than asked for',
    () => ({
      'GET tokens/default': async (asked, behind) =>
        asked.url.searchParams.has('min_ttl') ? merged({ expires_in: 30 })(asked, behind) : behind(),
    }),
  ],
  [
    'presigned',
    'presigned requests are refused',
    () => ({
      'GET tokens/default': (asked, behind) =>
        asked.url.searchParams.has('X-Amz-Signature')
          ? { ...refusedWith(gatewayBody('signature_invalid')), status: 403 }
          : behind(),
    }),
  ],
  [
    'fiskil',
    'somebody has changed where the function mints',
    () => ({
      'lambda:GetFunctionConfiguration': edited((body) =>
        body.replace(/"TOKEN_URL": ?"[^"]*"/, '"TOKEN_URL":"https://evil.example/v1/token"'),
      ),
    }),
  ],
  ['audit', 'the access log stays empty', () => inLog('AccessLogs', () => eventsOf([]))],
  [
    'audit',
    'the function logs another caller',
    () =>
      inLog(
        'VendLogs',
        edited((body) => body.replaceAll('assumed-role', 'federated-user')),
      ),
  ],
  ['table-policy', 'a Scan is allowed', () => ({ 'dynamodb:Scan': () => json({ Count: 1, ScannedCount: 1 }) })],
  [
    'table-policy',
    'the policy was changed by hand',
    () => ({ 'dynamodb:GetResourcePolicy': edited((body) => body.replace('dynamodb:Scan', 'dynamodb:ListTables')) }),
  ],
  [
    'table-policy',
    'the policy was taken away',
    () => ({ 'dynamodb:GetResourcePolicy': () => failure('PolicyNotFoundException') }),
  ],
  [
    'ttl',
    'TTL is off',
    () => ({
      'dynamodb:DescribeTimeToLive': () => json({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } }),
    }),
  ],
  [
    'secret-policy',
    'the value comes back',
    () => ({ 'secretsmanager:GetSecretValue': () => json({ Name: 'x', SecretString: VALUE }) }),
  ],
  [
    'secret-policy',
    'the version that is asked for is looked for',
    () => ({ 'secretsmanager:GetSecretValue': () => failure('ResourceNotFoundException') }),
  ],
  [
    'secret-policy',
    'the policy was changed by hand',
    () => ({ 'secretsmanager:GetResourcePolicy': edited((body) => body.replace('key-keeper', 'somebody')) }),
  ],
  ['rotation', 'rotation is off', () => ({ 'secretsmanager:DescribeSecret': merged({ RotationEnabled: false }) })],
  [
    'rotation',
    'another function rotates',
    () => ({ 'secretsmanager:DescribeSecret': merged({ RotationLambdaARN: 'arn:aws:lambda:x:1:function:other' }) }),
  ],
  [
    'rotation',
    'a rotation has a date',
    () => ({ 'secretsmanager:DescribeSecret': merged({ NextRotationDate: 1_900_000_000 }) }),
  ],
  ['key', 'it may be used directly', () => ({ 'kms:Encrypt': () => failure('DryRunOperationException') })],
  [
    'key',
    'a log group has another',
    () => ({ 'logs:DescribeLogGroups': edited((body) => body.replace('1234abcd', 'ffffffff')) }),
  ],
  ['key', 'the table has none', () => ({ 'dynamodb:DescribeTable': () => json({ Table: {} }) })],
  [
    'ticks',
    'three came in five minutes',
    // Of three credentials.
    () => ({ 'monitoring:GetMetricStatistics': () => json({ Datapoints: [{ Sum: 3 }, { Sum: 3 }, { Sum: 3 }] }) }),
  ],
  [
    'alarms',
    'one has no data',
    () => ({ 'monitoring:DescribeAlarms': edited((body) => body.replace(/"OK"/, '"INSUFFICIENT_DATA"')) }),
  ],
  [
    'alarms',
    'one was deleted',
    () => ({ 'monitoring:DescribeAlarms': edited((body) => body.replace(/"verify-server-errors"/, '"other"')) }),
  ],
  [
    'alarms',
    'actions are off',
    () => ({
      'monitoring:DescribeAlarms': edited((body) => body.replace(/"ActionsEnabled": ?true/, '"ActionsEnabled":false')),
    }),
  ],
  [
    'mail',
    'nobody clicked the link',
    () => ({
      'sns:ListSubscriptionsByTopic': edited((body) =>
        body.replace(/<SubscriptionArn>[^<]*/, '<SubscriptionArn>PendingConfirmation'),
      ),
    }),
  ],
  [
    'mail',
    'the subscription is gone',
    () => ({ 'sns:ListSubscriptionsByTopic': edited((body) => body.replace(/<member>.*<\/member>/s, '')) }),
  ],
  ['queries', 'one fails', () => ({ 'logs:GetQueryResults': () => json({ status: 'Failed', results: [] }) })],
  ['queries', 'one never ends', () => ({ 'logs:GetQueryResults': () => json({ status: 'Running', results: [] }) })],
  ['queries', 'one is not understood', () => ({ 'logs:StartQuery': () => failure('MalformedQueryException') })],
  [
    'concurrency',
    'somebody pressed "Throttle"',
    () => ({ 'lambda:GetFunctionConcurrency': () => json({ ReservedConcurrentExecutions: 0 }) }),
  ],
  ['api-log-role', 'the account has none', () => ({ 'apigateway:GetAccount': () => json({}) })],
  [
    'region',
    'the API is elsewhere',
    () => ({
      'cloudformation:DescribeStacks': edited((body) =>
        body.replace('execute-api.ap-southeast-2', 'execute-api.us-east-1'),
      ),
    }),
  ],
  ['cold-start', 'the log has no init durations', () => onText('Init Duration', () => eventsOf([]))],
];
