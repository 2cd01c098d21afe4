import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';

const open: (Server | TcpServer)[] = [];
const sockets: Socket[] = [];

/** Starts an HTTP server on this machine. Returns its origin. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  return `http://127.0.0.1:${await listen(server)}`;
}

/** Starts a TCP server on this machine. Returns its port. */
export async function serveTcp(listener: (socket: Socket) => void): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
    listener(socket);
  });
  open.push(server);
  return listen(server);
}

export function closeAll(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of open.splice(0)) {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  }
}

async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
