import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { ministackPython, runFolder } from './toolbox';

const HOST = 'api.fiskil.com';

export interface FiskilByName {
  /** For a process of Node 24: with these variables, https://api.fiskil.com is the stand-in. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): void;
}

/**
 * For code that calls Fiskil by its name, and is to be tested as it is: a proxy on the way out, as companies have them,
 * that leads to a server with a certificate of that name. @param origin of the stand-in, whose end ends what was let through
 */
export async function nameFiskil(origin: string): Promise<FiskilByName> {
  const pem = execFileSync(ministackPython(), [join(__dirname, 'certify.py'), HOST], { encoding: 'utf8' });
  const file = join(runFolder('certificates'), `${HOST}.pem`);
  writeFileSync(file, pem, { mode: 0o600 });
  const secureContext = createSecureContext({ key: pem, cert: pem });

  const proxy = createServer();
  proxy.on('connect', ({ url }, socket) => {
    if (url !== `${HOST}:443`) return void socket.destroy();
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const inside = new TLSSocket(socket, { isServer: true, secureContext });
    pipeline(inside, connect(Number(new URL(origin).port), '127.0.0.1'), inside, () => inside.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    environment: {
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      NODE_EXTRA_CA_CERTS: file,
    },
    stop: () => void proxy.close(),
  };
}
