import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { GATEWAY_ANSWERS, GATEWAY_HEADERS, type GatewayCode, gatewayBody } from '../lib/gateway-answers';

/** A refusal by the local server itself, before the function. */
export interface Refused {
  readonly code: GatewayCode;
  /** @default the code's usual one */
  readonly status?: number;
}

/** The answer that API Gateway would give. */
export function refusedAnswer({ code, status = GATEWAY_ANSWERS[code].status }: Refused): APIGatewayProxyResult {
  const headers = { ...GATEWAY_HEADERS, ...GATEWAY_ANSWERS[code].headers };
  return { statusCode: status, headers, body: gatewayBody(code) };
}

/** The statuses for codes of Node's HTTP parser and server. Anything else gets a 400. */
const STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

/** Answers requests that Node itself would answer, or not at all: text that is not HTTP, and CONNECT. Node's own answers have no body, and a cache could
 * store them.
 * @param isAnswered whether the socket's current request has got its answer
 */
export function answerBadHttp(server: Server, isAnswered: (socket: Duplex) => boolean, refuse: (why: Refused) => void) {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = STATUSES[error.code ?? ''] ?? 400;
    if (isAnswered(socket) || !socket.writable) {
      return void socket.destroy();
    }
    end(socket, { code: 'gateway_error', status });
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    end(socket, { code: 'unsigned_or_unknown_route' });
  });

  function end(socket: Duplex, why: Refused): void {
    refuse(why);
    const { statusCode, headers, body } = refusedAnswer(why);
    const lines = Object.entries({ ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
    const head = lines.map((line) => `${line.join(': ')}\r\n`).join('');
    socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${head}\r\n${body}`);
  }
}
