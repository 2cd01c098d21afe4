import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RawServer {
  readonly origin: string;
  /** What each connection sent so far. */
  readonly received: readonly string[];
  /** Ends every connection and the server. */
  stop(): Promise<void>;
}

/**
 * A TCP server on 127.0.0.1, for what no HTTP server would say.
 * @param answer called once for each connection, when its first bytes have come; not given: a black hole
 */
export async function startRawServer(answer: (socket: Socket) => void = () => {}): Promise<RawServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const index = received.push('') - 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // The other side may give up at any time.
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
    socket.on('data', (bytes) => {
      received[index] += bytes.toString('latin1');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An HTTP answer as bytes, with the length of its body. */
export function httpAnswer(status: number, headers: Readonly<Record<string, string>>, body: string): string {
  const all = { 'content-length': String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Any\r\n${lines.join('')}\r\n${body}`;
}
