import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { GATEWAY_ANSWERS, GATEWAY_HEADERS, type GatewayCode, gatewayBody } from '../lib/gateway-answers';
import { DESCRIPTION, DESCRIPTION_PATH } from './description';
import { routeOf, STAGE, toEvent } from './front-event';
import { gather } from './gather';
import { type SignatureCheck, type SigningKey, signatureCheck } from './signature';
import type { NameValues } from './signature-claim';

/** API Gateway's own limit of a payload. */
const LARGEST_BODY = 10 * 1024 * 1024;

const HERE = /^(127\.0\.0\.1|localhost)(:\d+)?$/i;

const NO_BODY = Buffer.alloc(0);

export interface FrontDoors {
  /** The function behind the gateway. */
  readonly vend: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult | undefined>;
  readonly key: SigningKey;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** An id for each request. */
  readonly requestId: () => string;
  /** Told of a request that did not reach the function. */
  readonly onRefused: (code: GatewayCode, requestId: string) => void;
  /** Told what the function threw, which it never should. */
  readonly onFault: (error: unknown) => void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface Front {
  /** Ends in the stage and a slash. */
  readonly url: string;
  /** Ends it and every connection. */
  stop(): Promise<void>;
}

/**
 * API Gateway on a laptop: verifies the signature, routes, and calls the function with the event that the deployed one gets.
 * Listens on 127.0.0.1 only.
 *
 * @throws the error of `listen`, such as `EADDRINUSE`
 */
export async function startFront(port: number, doors: FrontDoors): Promise<Front> {
  const check = signatureCheck(doors.key);
  const take = gather<Exchange>(setImmediate, (exchanges) => {
    for (const exchange of exchanges) respond(exchange, doors, check);
  });
  const server = createServer((request, response) => take({ request, response }));
  // Node's own answer to what is not HTTP could be stored by a cache.
  server.on('clientError', (_error, socket) => {
    const { headers = {}, body } = ownAnswer('gateway_error', 400);
    const lines = Object.entries({ ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
    if (!socket.writable) return socket.destroy();
    return socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.map((l) => `${l.join(': ')}\r\n`).join('')}\r\n${body}`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${STAGE}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond({ request, response }: Exchange, doors: FrontDoors, check: SignatureCheck): Promise<void> {
  const requestId = doors.requestId();
  try {
    const result = await answer(request, doors, check, requestId);
    if (typeof result === 'string') doors.onRefused(result, requestId);
    send(response, typeof result === 'string' ? ownAnswer(result) : result, requestId);
  } catch {
    // The caller went away in the middle of its request.
    response.destroy();
  }
}

async function answer(
  request: IncomingMessage,
  doors: FrontDoors,
  check: SignatureCheck,
  requestId: string,
): Promise<APIGatewayProxyResult | GatewayCode> {
  const { method = '', url = '' } = request;
  if (method === 'GET' && url === DESCRIPTION_PATH) return DESCRIPTION;

  // The key to sign with is known to all, web pages too: one whose name was made to point at this machine must get nothing.
  if (!HERE.test(request.headers.host ?? '')) return 'unsigned_or_unknown_route';

  const [path, query] = splitTarget(url);
  const routed = routeOf(method, path);
  if (!routed) return 'unsigned_or_unknown_route';

  const body = hasBody(request) ? await readBody(request) : NO_BODY;
  if (!body) return 'payload_too_large';

  const signed = { method, path, query, headers: nameValues(request.rawHeaders), body };
  const refusal = check(signed, doors.now());
  if (refusal) return refusal;

  const caller = { accessKeyId: doors.key.accessKeyId, sourceIp: request.socket.remoteAddress ?? '' };
  try {
    const result = await doors.vend(toEvent(signed, routed, caller, requestId, doors.now()));
    if (result) return result;
  } catch (error) {
    doors.onFault(error);
  }
  // What API Gateway makes of a function that throws or answers nothing.
  return ownAnswer('gateway_error', 502);
}

function ownAnswer(code: GatewayCode, statusCode = GATEWAY_ANSWERS[code].status): APIGatewayProxyResult {
  return { statusCode, headers: { ...GATEWAY_HEADERS, ...GATEWAY_ANSWERS[code].headers }, body: gatewayBody(code) };
}

/** HTTP has no other way to announce one. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** Undefined if it is larger than allowed; then the rest is left unread. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, result: APIGatewayProxyResult, requestId: string): void {
  const { statusCode, body } = result;
  const headers: OutgoingHttpHeaders = {
    ...(result.headers as OutgoingHttpHeaders),
    ...(result.multiValueHeaders as OutgoingHttpHeaders),
    'x-amzn-RequestId': requestId,
    'Content-Length': Buffer.byteLength(body),
  };
  if (statusCode === GATEWAY_ANSWERS.payload_too_large.status) headers.Connection = 'close';
  // At once, and not one by one by setHeader: that takes Node several microseconds.
  response.writeHead(statusCode, headers).end(body);
}

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

function nameValues(rawHeaders: readonly string[]): NameValues {
  const headers: [string, string][] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) headers.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return headers;
}
