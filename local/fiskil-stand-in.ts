import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from '../lambda/vending/types';
import { readBody } from './body';
import { originOf } from './host-name';
import { type Answer, failureAnswer, refusal, send } from './stand-in-answers';
import { type Conditions, GOOD_DAY } from './stand-in-conditions';
import { CONTROL_PATH, type Controlled, control } from './stand-in-control';
import { TokenBook } from './stand-in-tokens';

/** The pair that the stand-in accepts by default. It works only in this process. */
export const STAND_IN_PAIR: Pair = { clientId: 'local-client-id', clientSecret: 'local-client-secret' };

/** The default team of pairs. */
export const STAND_IN_TEAM = 'org_local';

/** Bytes: several times what any call needs. */
const LARGEST_BODY = 64 * 1_024;

/** Answers a token request in another way than documented. `body` has been read already. */
export type Fault = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface StandInOptions extends Partial<Conditions> {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default any free port */
  readonly port?: number;
  /** @default [STAND_IN_PAIR] */
  readonly pairs?: readonly Pair[];
  /** Epoch milliseconds. @default the machine's clock */
  readonly now?: () => number;
}

/** Behaves like Fiskil, as far as that is documented, on this machine. `npm start`, the tests and the benches mint at it. */
export interface StandIn extends Controlled {
  readonly url: string;
  readonly origin: string;
  /** Accepts the pair from now on. @param orgId the team that its tokens name */
  accept(pair: Pair, orgId?: string): void;
  /** Answers 401 to the pair from now on. Tokens that it minted before still work. */
  refuse(pair: Pair): void;
  /** Ends one token before its time. */
  revoke(token: string): void;
  isLive(token: string): boolean;
  /** Answers the next token requests with the fault. @param times `Infinity` until `clearFaults` */
  answerNext(fault: Fault, times?: number): void;
  stop(): Promise<void>;
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { host = '127.0.0.1', port = 0, pairs: accepted = [STAND_IN_PAIR], now = Date.now, ...given } = options;
  const pairs = new Map<string, { readonly secret: string; readonly orgId: string }>();
  const faults: { fault: Fault; left: number }[] = [];
  let conditions = GOOD_DAY;
  let failsUntil = 0;
  let requests = 0;
  const book = new TokenBook(() => conditions, now);

  async function answerTokenRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    const body = (await readBody(request, LARGEST_BODY))?.toString();
    const { latencyMs } = conditions;
    if (latencyMs > 0) {
      await sleep(latencyMs, undefined, { ref: false });
    }
    if (body === undefined) {
      return send(response, refusal(413, 'the body is too large'));
    }
    const next = faults[0];
    if (next) {
      next.left -= 1;
      if (next.left <= 0) {
        faults.shift();
      }
      return next.fault(request, response, body);
    }
    const { failure } = present();
    send(response, failure ? failureAnswer(failure) : mint(request.headers, body));
  }

  function mint(headers: IncomingHttpHeaders, body: string): Answer {
    const wrongHeader = ['accept', 'content-type'].find((name) => !/^application\/json\b/i.test(`${headers[name]}`));
    if (wrongHeader) {
      return refusal(400, `${wrongHeader} must be application/json`);
    }
    const pair = pairIn(body);
    if (!pair) {
      return refusal(400, 'body must hold exactly client_id and client_secret');
    }
    const known = pairs.get(pair.clientId);
    if (known?.secret !== pair.clientSecret) {
      return refusal(401, 'invalid client credentials');
    }
    const { token } = book.issue(pair.clientId, known.orgId);
    return { status: 200, body: { token, expires_in: conditions.expiresIn } };
  }

  function answerData(authorization: string | undefined, path: string, query: URLSearchParams): Answer {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    const issued = token === undefined ? undefined : book.live(token);
    if (!issued) {
      return refusal(401, 'invalid or expired token');
    }
    if (path === '/v1/end-users') {
      return { status: 200, body: { end_users: [{ id: 'eu_local_1', email: 'ada@example.com' }] } };
    }
    // Fiskil's reference calls this parameter the team's id. A public client sends the key's client id.
    if (![issued.clientId, issued.orgId].includes(query.get('client_id') ?? '')) {
      return refusal(400, "client_id must be the token's client id, or the id of its team");
    }
    return { status: 200, body: { institutions: [{ id: '1', name: 'Local Bank' }] } };
  }

  function present(): Conditions {
    const left = failsUntil - now();
    if (conditions.failure && left <= 0) {
      conditions = { ...conditions, failure: undefined };
    }
    if (!conditions.failure || left === Number.POSITIVE_INFINITY) {
      return conditions;
    }
    return { ...conditions, failure: { ...conditions.failure, forMs: left } };
  }

  const standIn: Omit<StandIn, 'url' | 'origin' | 'stop'> = {
    mints: book.issued,
    get requests() {
      return requests;
    },
    get conditions() {
      return present();
    },
    accept: ({ clientId, clientSecret }, orgId = STAND_IN_TEAM) =>
      void pairs.set(clientId, { secret: clientSecret, orgId }),
    refuse: (pair) => void pairs.delete(pair.clientId),
    revoke: (token) => book.revoke(token),
    revokeAll: () => book.revokeAll(),
    isLive: (token) => book.live(token) !== undefined,
    change(changes) {
      conditions = { ...conditions, ...changes };
      if (changes.failure) {
        failsUntil = now() + (changes.failure.forMs ?? Number.POSITIVE_INFINITY);
      }
    },
    answerNext: (fault, times = 1) => void faults.push({ fault, left: times }),
    clearFaults: () => void faults.splice(0),
  };
  for (const pair of accepted) {
    standIn.accept(pair);
  }
  standIn.change(given);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '', query] = (request.url ?? '').split('?', 2);
    if (path === CONTROL_PATH) {
      return send(response, await control(request, LARGEST_BODY, standIn));
    }
    const route = `${request.method} ${path}`;
    if (route === 'POST /v1/token') {
      return answerTokenRequest(request, response);
    }
    const isData = route === 'GET /v1/end-users' || route === 'GET /v1/institutions';
    if (!isData) {
      return send(response, refusal(404, 'no such path'));
    }
    send(response, answerData(request.headers.authorization, path, new URLSearchParams(query)));
  }

  const server = createServer((request, response) => {
    // A caller that breaks off its request is not a fault of the stand-in.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const origin = originOf(host, (server.address() as AddressInfo).port);

  return Object.assign(standIn, {
    url: `${origin}/v1/token`,
    origin,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function pairIn(body: string): Pair | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { client_id: clientId, client_secret: clientSecret, ...others } = value as Record<string, unknown>;
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string' || Object.keys(others).length > 0) {
    return undefined;
  }
  return { clientId, clientSecret };
}
