import type { Socket } from 'node:net';

/** Ways in which a server can fail to come to an end. Each is called when a request's first bytes have come. */
export const HANGS: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['takes the request and says nothing', () => {}],
  ['sends its headers and nothing more', (socket) => void socket.write(HEADERS)],
  [
    'sends a byte now and then',
    (socket) => {
      socket.write(HEADERS);
      const dripping = setInterval(() => socket.write(' '), 20);
      socket.on('close', () => clearInterval(dripping));
    },
  ],
];

const HEADERS = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 1000\r\n\r\n';
