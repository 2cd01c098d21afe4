import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What has become of a connection while nobody used it: closed by AWS, forgotten by what lies between, or swallowed by it. */
export type Death = 'closed' | 'reset at its next use' | 'silent at its next use';

/** DynamoDB and Secrets Manager as one server on 127.0.0.1, with AWS's clock. */
export interface Aws {
  readonly origin: string;
  /** The connections that are open. */
  readonly connections: number;
  /** Requests so far, by the last word of their target: `GetItem`. */
  readonly requests: ReadonlyMap<string, number>;
  /** All connections of this moment die; new ones live. */
  kill(death: Death): void;
  /** Does something when the next answer to `action` is on its way; it arrives when that is done. */
  atNext(action: string, deed: () => Promise<unknown>): void;
  stop(): Promise<void>;
}

export interface AwsOptions {
  /** Where DynamoDB Local is. */
  readonly dynamodb: string;
  /** The text of a secret, by its id. */
  readonly secret: (id: string) => string;
  readonly now: () => number;
}

/** AWS refuses what was signed longer ago than this, or as much later. */
const SIGNATURE_LIFE = 5 * 60_000;

export async function startAws({ dynamodb, secret, now }: AwsOptions): Promise<Aws> {
  const open = new Set<Socket>();
  const dying = new Map<Socket, Death>();
  const requests = new Map<string, number>();
  const deeds = new Map<string, () => Promise<unknown>>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const death = dying.get(request.socket);
    if (death === 'silent at its next use') return;
    if (death !== undefined) return void request.socket.resetAndDestroy();
    const body = await buffer(request);
    const target = String(request.headers['x-amz-target']);
    const action = target.replace(/.*\./, '');
    requests.set(action, (requests.get(action) ?? 0) + 1);
    const { status, text } = await answerTo(request, target, body);
    response.setHeader('date', new Date(now()).toUTCString());
    const deed = deeds.get(action);
    deeds.delete(action);
    await deed?.();
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text);
  }

  async function answerTo({ headers }: IncomingMessage, target: string, body: Buffer) {
    if (Math.abs(now() - signedAt(headers)) > SIGNATURE_LIFE) {
      const problem = { __type: 'com.amazon.coral.service#InvalidSignatureException', message: 'Signature expired' };
      return { status: 400, text: JSON.stringify(problem) };
    }
    if (target.startsWith('secretsmanager.')) {
      const { SecretId } = JSON.parse(`${body}`);
      return { status: 200, text: JSON.stringify({ SecretString: secret(SecretId), VersionId: 'version-1' }) };
    }
    const { host: _ours, connection: _too, ...passedOn } = headers as Record<string, string>;
    const stored = await fetch(dynamodb, { method: 'POST', headers: passedOn, body });
    return { status: stored.status, text: await stored.text() };
  }

  const server = createServer((request, response) => {
    // The other side gave up, or was killed.
    answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return open.size;
    },
    requests,
    kill: (death) => {
      for (const socket of open) {
        if (death === 'closed') socket.destroy();
        else dying.set(socket, death);
      }
    },
    atNext: (action, deed) => void deeds.set(action, deed),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** `20261125T071400Z`, epoch milliseconds. */
function signedAt(headers: IncomingHttpHeaders): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
