import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from '../lambda/vending/types';
import { type IssuedToken, type StandInMode, TokenBook } from './stand-in-tokens';

/** The pair that the stand-in accepts unless told otherwise. It opens nothing outside this process. */
export const STAND_IN_PAIR: Pair = { clientId: 'local-client-id', clientSecret: 'local-client-secret' };

/** What answers a token request in the place of the contract. `body` has been read already. */
export type Fault = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface StandInOptions {
  /** @default any free port */
  readonly port?: number;
  /** Whether a new mint ends the earlier tokens of its pair: Fiskil does not say. @default 'many-live' */
  readonly mode?: StandInMode;
  /** Seconds. @default 900, what Fiskil calls typical */
  readonly expiresIn?: number;
  /** Milliseconds before a token request is answered. @default 0 */
  readonly latencyMs?: number;
  /** @default [STAND_IN_PAIR] */
  readonly pairs?: readonly Pair[];
  /** Epoch milliseconds. @default the machine's clock */
  readonly now?: () => number;
}

/** Fiskil, as far as it is documented, on loopback: what `npm start`, the tests and the benches mint at. */
export interface StandIn {
  readonly url: string;
  readonly origin: string;
  /** The tokens issued so far, oldest first; `mints.length` counts them. */
  readonly mints: readonly IssuedToken[];
  /** The token requests that arrived so far, refused and faulty ones included. */
  readonly requests: number;
  accept(pair: Pair): void;
  /** Answers 401 to the pair from now on; tokens that it minted before stay live. */
  refuse(pair: Pair): void;
  /** Ends one token before its time. */
  revoke(token: string): void;
  isLive(token: string): boolean;
  setExpiresIn(seconds: number): void;
  setLatency(ms: number): void;
  /** Answers the next token requests with the fault. @param times `Infinity` until `clearFaults` */
  answerNext(fault: Fault, times?: number): void;
  clearFaults(): void;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Starts it on 127.0.0.1. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const now = options.now ?? Date.now;
  const book = new TokenBook(options.mode ?? 'many-live', now);
  const pairs = new Map<string, string>((options.pairs ?? [STAND_IN_PAIR]).map((p) => [p.clientId, p.clientSecret]));
  const faults: { fault: Fault; left: number }[] = [];
  let expiresIn = options.expiresIn ?? 900;
  let latencyMs = options.latencyMs ?? 0;
  let requests = 0;

  async function answerTokenRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    const body = await text(request);
    if (latencyMs > 0) await sleep(latencyMs, undefined, { ref: false });
    const next = faults[0];
    if (next) {
      next.left -= 1;
      if (next.left <= 0) faults.shift();
      next.fault(request, response, body);
    } else {
      send(response, mint(request.headers, body));
    }
  }

  function mint(headers: IncomingHttpHeaders, body: string): Answer {
    const wrongHeader = ['accept', 'content-type'].find((name) => !/^application\/json\b/i.test(`${headers[name]}`));
    if (wrongHeader) return refusal(400, 'bad_request', `${wrongHeader} must be application/json`);
    const pair = parsePair(body);
    if (!pair) return refusal(400, 'bad_request', 'body must hold exactly client_id and client_secret');
    if (pairs.get(pair.clientId) !== pair.clientSecret) {
      return refusal(401, 'unauthorized', 'invalid client credentials');
    }
    return { status: 200, body: { token: book.issue(pair.clientId, expiresIn).token, expires_in: expiresIn } };
  }

  function answerData(authorization: string | undefined, path: string, query: URLSearchParams): Answer {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    const issued = token === undefined ? undefined : book.live(token);
    if (!issued) return refusal(401, 'unauthorized', 'invalid or expired token');
    if (path === '/v1/end-users') {
      return { status: 200, body: { end_users: [{ id: 'eu_local_1', email: 'ada@example.com' }] } };
    }
    if (query.get('client_id') !== issued.clientId) {
      return refusal(400, 'bad_request', 'client_id must be the client id of the token');
    }
    return { status: 200, body: { institutions: [{ id: '1', name: 'Local Bank' }] } };
  }

  const server = createServer((request, response) => {
    const [path = '', query] = (request.url ?? '').split('?', 2);
    const route = `${request.method} ${path}`;
    if (route === 'POST /v1/token') {
      // A caller that gives up in the middle of its request is no fault of the stand-in.
      answerTokenRequest(request, response).catch(() => response.destroy());
    } else if (route === 'GET /v1/end-users' || route === 'GET /v1/institutions') {
      send(response, answerData(request.headers.authorization, path, new URLSearchParams(query)));
    } else {
      send(response, refusal(404, 'not_found', 'no such path'));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `${origin}/v1/token`,
    origin,
    mints: book.issued,
    get requests() {
      return requests;
    },
    accept: (pair) => void pairs.set(pair.clientId, pair.clientSecret),
    refuse: (pair) => void pairs.delete(pair.clientId),
    revoke: (token) => book.revoke(token),
    isLive: (token) => book.live(token) !== undefined,
    setExpiresIn: (seconds) => {
      expiresIn = seconds;
    },
    setLatency: (ms) => {
      latencyMs = ms;
    },
    answerNext: (fault, times = 1) => void faults.push({ fault, left: times }),
    clearFaults: () => void faults.splice(0),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function parsePair(body: string): Pair | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { client_id: clientId, client_secret: clientSecret, ...others } = value as Record<string, unknown>;
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string' || Object.keys(others).length > 0) {
    return undefined;
  }
  return { clientId, clientSecret };
}

function refusal(status: number, name: string, message: string): Answer {
  return { status, body: { name, id: 'stand-in', message, temporary: false, timeout: false, fault: false } };
}

function send(response: ServerResponse, answer: Answer): void {
  const type = answer.status < 400 ? 'application/json' : 'application/vnd.goa.error';
  response.writeHead(answer.status, { 'content-type': type }).end(JSON.stringify(answer.body));
}
