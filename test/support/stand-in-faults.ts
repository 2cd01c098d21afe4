import type { OutgoingHttpHeaders } from 'node:http';
import type { Fault } from '../../local/fiskil-stand-in';

/** Any whole answer that is not the contract's. */
export function answer(status: number, body: string | Buffer = '', headers: OutgoingHttpHeaders = {}): Fault {
  return (_request, response) => void response.writeHead(status, headers).end(body);
}

/** An answer of the contract's shape with the given fields. */
export function answerJson(body: unknown, status = 200): Fault {
  return answer(status, JSON.stringify(body), { 'content-type': 'application/json' });
}

/** Cuts the connection before any byte of an answer. */
export const reset: Fault = (request) => void request.socket.resetAndDestroy();

/** Cuts the connection after the answer has begun. */
export const cutShort: Fault = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
  response.write('{"token":"', () => request.socket.destroy());
};

/** Takes the request and never answers; ends with the stand-in or the caller. */
export const silence: Fault = () => {};

/** Begins an answer and never ends it. */
export const halfAnswer: Fault = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"token":"');
};

/** Sends body for as long as the caller reads. */
export const endlessBody: Fault = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const chunk = Buffer.alloc(16_384, 'a');
  const push = () => {
    while (!response.destroyed && response.write(chunk)) {}
  };
  response.on('drain', push);
  response.write('{"token":"');
  push();
};
