import type { APIGatewayProxyEvent } from 'aws-lambda';
import { decodeQuery, headerValues, type NameValues, type SignedRequest } from './signature-claim';

/** A route of the API, as the stack declares it. */
export interface GatewayRoute {
  readonly method: string;
  /** With the parameter's name in braces. */
  readonly resource: string;
  /** Matches the path without the stage, as sent; its group is the credential. */
  readonly pattern: RegExp;
}

const ROUTES: readonly GatewayRoute[] = [
  { method: 'GET', resource: '/tokens/{credential}', pattern: /^\/tokens\/([^/]+)$/ },
  { method: 'POST', resource: '/tokens/{credential}/rejections', pattern: /^\/tokens\/([^/]+)\/rejections$/ },
];

export interface RoutedRequest {
  readonly route: GatewayRoute;
  /** Without the stage, as sent. */
  readonly path: string;
  /** Decoded. */
  readonly credential: string;
}

export const STAGE = 'v1';
const ACCOUNT = '000000000000';

/** Finds the same route as API Gateway; undefined if there is none. */
export function routeOf(method: string, pathWithStage: string): RoutedRequest | undefined {
  if (!pathWithStage.startsWith(`/${STAGE}/`)) {
    return undefined;
  }
  const path = pathWithStage.slice(STAGE.length + 1);
  const route = ROUTES.find((r) => r.method === method && r.pattern.test(path));
  const raw = route?.pattern.exec(path)?.[1];
  // Signers remove dot segments before they sign, so they sign another path than this one.
  if (!route || raw === undefined || raw === '.' || raw === '..') {
    return undefined;
  }
  try {
    return { route, path, credential: decodeURIComponent(raw) };
  } catch {
    return undefined;
  }
}

export interface Sender {
  readonly accessKeyId: string;
  readonly sourceIp: string;
}

/** The event of a REST API's Lambda proxy integration. */
export function toEvent(
  request: SignedRequest,
  routed: RoutedRequest,
  caller: Sender,
  requestId: string,
  now: number,
): APIGatewayProxyEvent {
  // API Gateway does not pass the signature on either.
  const headers = grouped(request.headers.filter(([name]) => name.toLowerCase() !== 'authorization'));
  const parameters = decodeQuery(request.query) ?? [];
  const query = parameters.length > 0 ? grouped(parameters) : undefined;
  const { route, path, credential } = routed;
  const userArn = `arn:aws:iam::${ACCOUNT}:user/local`;
  return {
    resource: route.resource,
    path,
    httpMethod: request.method,
    headers: headers.last,
    multiValueHeaders: headers.all,
    queryStringParameters: query?.last ?? null,
    multiValueQueryStringParameters: query?.all ?? null,
    pathParameters: { credential },
    stageVariables: null,
    body: request.body.length > 0 ? Buffer.from(request.body).toString() : null,
    isBase64Encoded: false,
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'local',
      authorizer: undefined,
      protocol: 'HTTP/1.1',
      httpMethod: request.method,
      identity: {
        accessKey: caller.accessKeyId,
        accountId: ACCOUNT,
        apiKey: null,
        apiKeyId: null,
        caller: 'AIDALOCAL',
        clientCert: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: caller.sourceIp,
        user: 'AIDALOCAL',
        userAgent: headerValues(request, 'user-agent')[0] ?? null,
        userArn,
      },
      path: `/${STAGE}${path}`,
      stage: STAGE,
      requestId,
      requestTimeEpoch: now,
      resourceId: route.resource,
      resourcePath: route.resource,
    },
  };
}

interface Grouped {
  readonly last: Record<string, string>;
  readonly all: Record<string, string[]>;
}

/** Groups by name, in objects without a prototype. */
function grouped(namesAndValues: NameValues): Grouped {
  const { last, all }: Grouped = { last: Object.create(null), all: Object.create(null) };
  for (const [name, value] of namesAndValues) {
    last[name] = value;
    all[name] ??= [];
    all[name].push(value);
  }
  return { last, all };
}
