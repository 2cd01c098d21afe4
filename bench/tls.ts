import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, type RequestListener, request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runFolder } from '../test/support/toolbox';

export interface TlsServer {
  readonly url: string;
  /** The file with the certificate. A client must be configured to trust it. */
  readonly certificate: string;
  stop(): void;
}

/** An HTTPS server on loopback. Needs the openssl command: Node makes keys, but no certificates. */
export async function serveTls(listener: RequestListener): Promise<TlsServer> {
  const [key, certificate] = [join(runFolder('bench'), 'key.pem'), join(runFolder('bench'), 'certificate.pem')];
  execFileSync(
    'openssl',
    [
      ...'req -x509 -nodes -days 1 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost'.split(' '),
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
    ],
    { stdio: 'ignore' },
  );
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    certificate,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Puts TLS before a server that has none, because every AWS endpoint has TLS. */
export function tlsBefore(origin: string): Promise<TlsServer> {
  const agent = new Agent({ keepAlive: true });
  return serveTls((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = request(`${origin}${path}`, { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
}
