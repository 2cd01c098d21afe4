import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { GatewayCode } from '../lib/gateway-answers';
import { readBody } from './body';
import { DESCRIPTION, DESCRIPTION_PATH } from './description';
import { routeOf, STAGE, toEvent } from './front-event';
import { answerBadHttp, type Refused, refusedAnswer } from './gateway';
import { isLoopback, mayNameUs, originOf } from './host-name';
import { checkHead, isSignedBy, type SigningKey } from './signature';
import type { NameValues } from './signature-claim';

/** API Gateway's own limit of a payload. */
const LARGEST_BODY = 10 * 1024 * 1024;

export interface FrontDependencies {
  /** The function behind the gateway. */
  readonly vend: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult | undefined>;
  readonly key: SigningKey;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** An id for each request. */
  readonly requestId: () => string;
  /** Called for a request that did not reach the function. */
  readonly onRefused: (code: GatewayCode, requestId: string) => void;
  /** Called with what the function threw. It should never throw. */
  readonly onFault: (error: unknown) => void;
}

export interface ListenOptions {
  /** An IP address. @default '127.0.0.1' */
  readonly host?: string;
  readonly port: number;
}

export interface Front {
  /** Ends in the stage and a slash. */
  readonly url: string;
  /** Ends it and every connection. */
  stop(): Promise<void>;
}

/** Does API Gateway's work on a laptop: verifies the signature, routes, and calls the function with the same event as on AWS.
 *
 * @throws the error of `listen`, such as `EADDRINUSE`
 */
export async function startFront(
  { host = '127.0.0.1', port }: ListenOptions,
  dependencies: FrontDependencies,
): Promise<Front> {
  /** Sockets whose current request got its answer before the whole request had arrived. */
  const answered = new WeakSet<Duplex>();

  async function respond(request: IncomingMessage, response: ServerResponse, answering: Answering): Promise<void> {
    const requestId = dependencies.requestId();
    try {
      const result = await answering(requestId);
      if ('code' in result) {
        dependencies.onRefused(result.code, requestId);
      }
      if (!request.complete) {
        ignoreRest(request);
      }
      send(response, 'code' in result ? refusedAnswer(result) : result, requestId);
    } catch {
      // The caller broke off its request.
      response.destroy();
    }
  }

  /** Reads the rest of the request and drops it. Otherwise a caller that is still sending would lose its connection before it reads the answer. */
  function ignoreRest(request: IncomingMessage): void {
    answered.add(request.socket);
    request.once('end', () => answered.delete(request.socket));
    request.resume();
  }

  const take = (request: IncomingMessage, response: ServerResponse, proceed = () => {}) =>
    respond(request, response, (requestId) => answer(request, dependencies, isLoopback(host), requestId, proceed));
  // By default, Node itself answers a request without `Host`, and a cache could store that answer.
  const server = createServer({ requireHostHeader: false }, (request, response) => take(request, response));
  server.on('checkContinue', (request, response) => {
    // A caller that was not asked for its body may send another request instead.
    response.shouldKeepAlive = false;
    return take(request, response, () => {
      response.shouldKeepAlive = true;
      response.writeContinue();
    });
  });
  server.on('checkExpectation', (request, response) =>
    respond(request, response, async () => ({ code: 'gateway_error', status: 417 })),
  );
  answerBadHttp(
    server,
    (socket) => answered.has(socket),
    ({ code }) => dependencies.onRefused(code, dependencies.requestId()),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `${originOf(host, taken)}/${STAGE}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Answering = (requestId: string) => Promise<APIGatewayProxyResult | Refused>;

/** @param proceed asks for the body, if the caller waits for that */
async function answer(
  request: IncomingMessage,
  dependencies: FrontDependencies,
  onlyHere: boolean,
  requestId: string,
  proceed: () => void,
): Promise<APIGatewayProxyResult | Refused> {
  const { method = '', url = '' } = request;
  if (method === 'GET' && url === DESCRIPTION_PATH) {
    return DESCRIPTION;
  }

  const { host, 'content-length': length } = request.headers;
  if (host === undefined) {
    return { code: 'gateway_error', status: 400 };
  }
  if (!mayNameUs(host, onlyHere)) {
    return { code: 'unsigned_or_unknown_route' };
  }

  const [path, query] = splitTarget(url);
  const routed = routeOf(method, path);
  if (!routed) {
    return { code: 'unsigned_or_unknown_route' };
  }

  // Checks everything in the head before it reads the body, so that useless bodies do not fill the memory.
  const head = { method, path, query, headers: nameValues(request.rawHeaders) };
  const claim = checkHead(head, dependencies.key, dependencies.now());
  if (typeof claim === 'string') {
    return { code: claim };
  }
  if (Number(length) > LARGEST_BODY) {
    return { code: 'payload_too_large' };
  }

  proceed();
  const body = await readBody(request, LARGEST_BODY);
  if (!body) {
    return { code: 'payload_too_large' };
  }
  const signed = { ...head, body };
  if (!(await isSignedBy(dependencies.key, signed, claim))) {
    return { code: 'signature_invalid' };
  }

  const caller = { accessKeyId: dependencies.key.accessKeyId, sourceIp: request.socket.remoteAddress ?? '' };
  try {
    const result = await dependencies.vend(toEvent(signed, routed, caller, requestId, dependencies.now()));
    if (result) {
      return result;
    }
  } catch (error) {
    dependencies.onFault(error);
  }
  // API Gateway's answer if a function throws or returns nothing.
  return refusedAnswer({ code: 'gateway_error', status: 502 });
}

function send(response: ServerResponse, result: APIGatewayProxyResult, requestId: string): void {
  const { statusCode, body } = result;
  const headers: OutgoingHttpHeaders = {
    ...(result.headers as OutgoingHttpHeaders),
    ...(result.multiValueHeaders as OutgoingHttpHeaders),
    'x-amzn-RequestId': requestId,
    'Content-Length': Buffer.byteLength(body),
  };
  response.writeHead(statusCode, headers).end(body);
}

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

function nameValues(rawHeaders: readonly string[]): NameValues {
  const headers: [string, string][] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    headers.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  }
  return headers;
}
