import type { APIGatewayProxyEvent } from 'aws-lambda';
import { decodeQuery, headerValues, type SignedRequest } from './signature-claim';

/** A route of the API, as the stack declares it. */
export interface Route {
  readonly method: string;
  /** With the parameter's name in braces. */
  readonly resource: string;
  /** Matches the path without the stage, as sent; its group is the credential. */
  readonly pattern: RegExp;
}

const ROUTES: readonly Route[] = [
  { method: 'GET', resource: '/tokens/{credential}', pattern: /^\/tokens\/([^/]+)$/ },
  { method: 'POST', resource: '/tokens/{credential}/rejections', pattern: /^\/tokens\/([^/]+)\/rejections$/ },
];

export interface RoutedRequest {
  readonly route: Route;
  /** Without the stage, as sent. */
  readonly path: string;
  /** Decoded. */
  readonly credential: string;
}

export const STAGE = 'v1';
const ACCOUNT = '000000000000';

/** Finds the route that API Gateway would; undefined where it would say that there is none. */
export function routeOf(method: string, pathWithStage: string): RoutedRequest | undefined {
  if (!pathWithStage.startsWith(`/${STAGE}/`)) return undefined;
  const path = pathWithStage.slice(STAGE.length + 1);
  const route = ROUTES.find((r) => r.method === method && r.pattern.test(path));
  const raw = route?.pattern.exec(path)?.[1];
  // Signers remove dot segments before they sign: such a path is signed as another one.
  if (!route || raw === undefined || raw === '.' || raw === '..') return undefined;
  try {
    return { route, path, credential: decodeURIComponent(raw) };
  } catch {
    return undefined;
  }
}

export interface Caller {
  readonly accessKeyId: string;
  readonly sourceIp: string;
}

/** The event of a REST API's Lambda proxy integration. */
export function toEvent(
  request: SignedRequest,
  routed: RoutedRequest,
  caller: Caller,
  requestId: string,
  now: number,
): APIGatewayProxyEvent {
  const query = decodeQuery(request.query) ?? {};
  // The signature has done its work; API Gateway does not pass it on either.
  const sent = request.headers.filter(([name]) => name.toLowerCase() !== 'authorization');
  const headers = Object.fromEntries(sent.map(([name]) => [name, headerValues(request, name.toLowerCase())]));
  const { route, path, credential } = routed;
  const userArn = `arn:aws:iam::${ACCOUNT}:user/local`;
  return {
    resource: route.resource,
    path,
    httpMethod: request.method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: emptyAsNull(lastOfEach(query)),
    multiValueQueryStringParameters: emptyAsNull(query),
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

function lastOfEach(values: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? '']));
}

function emptyAsNull<T extends object>(values: T): T | null {
  return Object.keys(values).length > 0 ? values : null;
}
