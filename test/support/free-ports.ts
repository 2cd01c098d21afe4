import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** A port that is free, as the one after it is. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const [first, second] = [createServer(), createServer()];
    const { port } = (await listening(first, 0)).address() as AddressInfo;
    const both = await listening(second, port + 1).catch(() => undefined);
    first.close();
    second.close();
    if (both) return port;
  }
}

async function listening(server: Server, port: number): Promise<Server> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
