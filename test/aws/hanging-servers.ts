import type { Socket } from 'node:net';

/** Ways in which a server never finishes its answer. Each is called when the first bytes of a request arrive. */
export const HANGS: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['takes the request and sends nothing', () => {}],
  ['sends its headers and nothing more', (socket) => void socket.write(HEADERS)],
  [
    'sends one byte at a time',
    (socket) => {
      socket.write(HEADERS);
      const dripping = setInterval(() => socket.write(' '), 20);
      socket.on('close', () => clearInterval(dripping));
    },
  ],
];

const HEADERS = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 1000\r\n\r\n';
