import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Asked {
  /** For example `dynamodb:GetItem`. For a call of the token API, its method and path: `GET tokens/default`. */
  readonly operation: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers in place of one AWS API. `behind` asks the stub before this one, or the emulator. */
export type Stub = (asked: Asked, behind: () => Promise<Told>) => Told | Promise<Told>;

export type Stubs = Readonly<Record<string, Stub>>;

/**
 * The emulator, with stubs for single operations: those that it lacks, and those that a test breaks.
 * The last stub for an operation answers. Each stub may ask the one before it, and the first one may ask the emulator.
 */
export class AwsFront {
  stubs: readonly Stubs[] = [];
  /** The operations of all requests so far. */
  readonly asked: string[] = [];

  private constructor(
    readonly origin: string,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  static async start(emulator: string): Promise<AwsFront> {
    const server = createServer((request, response) => {
      front
        .answer(request, emulator)
        .then(({ status, headers, body }) => {
          const { 'content-length': _, 'transfer-encoding': __, ...others } = headers;
          response.writeHead(status, others).end(body);
        })
        .catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const front = new AwsFront(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    return front;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, emulator: string): Promise<Told> {
    const bytes = await buffer(request);
    const asked = askedBy(request, bytes.toString('utf8'));
    this.asked.push(asked.operation);
    let behind = () => forward(request, bytes, emulator);
    for (const layer of this.stubs) {
      const [stub, next] = [layer[asked.operation] ?? layer['*'], behind];
      if (stub) behind = async () => stub(asked, next);
    }
    return behind();
  }
}

function askedBy({ method, url: path = '/', headers }: IncomingMessage, body: string): Asked {
  const url = new URL(path, 'http://aws');
  const api = /^\/_aws\/execute-api\/[^/]+\/v1\/(.*)$/.exec(url.pathname)?.[1];
  return { operation: api === undefined ? operationOf(url, headers, body) : `${method} ${api}`, url, headers, body };
}

/** The signature names the service. Each kind of service names the operation in another place. */
function operationOf({ pathname }: URL, headers: IncomingHttpHeaders, body: string): string {
  const [, service] = /Credential=[^,]*\/([a-z]+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
  const target = String(headers['x-amz-target'] ?? '').split('.')[1];
  const action = headers['content-type']?.includes('form-urlencoded') ? new URLSearchParams(body).get('Action') : null;
  return `${service}:${target ?? action ?? PATHS.find(([end]) => pathname.endsWith(end))?.[1] ?? pathname}`;
}

const PATHS: readonly (readonly [end: string, operation: string])[] = [
  ['/account', 'GetAccount'],
  ['/account-settings', 'GetAccountSettings'],
  ['/configuration', 'GetFunctionConfiguration'],
  ['/concurrency', 'GetFunctionConcurrency'],
];

/** Keeps the `host` header, because it is signed. */
async function forward({ method, url, headers }: IncomingMessage, body: Buffer, emulator: string): Promise<Told> {
  const { hostname, port } = new URL(emulator);
  const request = send({ hostname, port, method, path: url, headers });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const names = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: answer.statusCode ?? 0,
    headers: Object.fromEntries(names),
    body: (await buffer(answer)).toString(),
  };
}

/** An answer of a service that speaks JSON. */
export function json(body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Told {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0', ...headers }, body: JSON.stringify(body) };
}

/** A failure, as services that speak JSON tell it, and REST ones too. */
export function failure(name: string, message = '', status = 400): Told {
  return json({ __type: name, message, Message: message }, status, { 'x-amzn-errortype': name });
}

/** A failure, as services that speak XML tell it. */
export function xmlFailure(name: string, message = '', status = 403): Told {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
