import type { APIGatewayProxyEvent } from 'aws-lambda';

/** The parts of a call that a test sets. The rest is as API Gateway sends it for a role of this account. */
export interface Call {
  /** @default 'GET' */
  readonly method?: string;
  /** @default '/tokens/default' */
  readonly path?: string;
  /** Values by name, each in the order given. @default none */
  readonly query?: Readonly<Record<string, readonly string[]>>;
  /** @default null */
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

export const CALLER = 'arn:aws:sts::111122223333:assumed-role/nightly-sync/i-0abc';

/** The event of a REST API's proxy integration, as documented by AWS. */
export function apiEvent({
  method = 'GET',
  path = '/tokens/default',
  query,
  body,
  isBase64Encoded = false,
}: Call = {}) {
  const identity = { userArn: CALLER, accountId: '111122223333', sourceIp: '203.0.113.7', userAgent: 'node' };
  return {
    resource: '/tokens/{credential}',
    path,
    httpMethod: method,
    headers: { Host: 'abc.execute-api.ap-southeast-2.amazonaws.com' },
    multiValueHeaders: { Host: ['abc.execute-api.ap-southeast-2.amazonaws.com'] },
    // As in API Gateway: null without parameters, and in the older form only the last value of each.
    queryStringParameters: query ? Object.fromEntries(Object.entries(query).map(([k, v]) => [k, v.at(-1)])) : null,
    multiValueQueryStringParameters: query ?? null,
    // Decoded, unlike the path.
    pathParameters: { credential: 'default' },
    stageVariables: null,
    requestContext: {
      accountId: '111122223333',
      apiId: 'abc',
      httpMethod: method,
      identity,
      path: `/v1${path}`,
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      stage: 'v1',
    },
    body: body ?? null,
    isBase64Encoded,
  } as unknown as APIGatewayProxyEvent;
}
