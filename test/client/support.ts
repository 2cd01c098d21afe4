import { createHash } from 'node:crypto';
import type { Clock } from '../../client/clock';
import { createTokenProvider, type TokenProvider } from '../../client/index';
import type { TokenProviderOptions } from '../../client/options';

export const URL_OF_API = 'https://abc123.execute-api.ap-southeast-2.amazonaws.com/v1/';
export const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'canary-secret-key',
  sessionToken: 'canary-session',
};

/** Lets everything run that waits for nothing but other promises. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

interface Wait {
  readonly at: number;
  go(): void;
}

/** A clock that is moved. Both hands move together, unless a test jumps one of them. */
export class MovedClock implements Clock {
  wall = Date.parse('2026-11-25T07:00:00Z');
  steady = 1_000;
  readonly waits: Wait[] = [];

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.steady;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = () => {
        this.#drop(wait);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const wait: Wait = { at: this.steady + ms, go };
      this.waits.push(wait);
      signal.addEventListener('abort', abort);
    });
  }

  /** Moves on, ending each wait in its turn. */
  async advance(ms: number): Promise<void> {
    const end = this.steady + ms;
    await settle();
    for (;;) {
      const next = this.waits.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#move(next.at - this.steady);
      this.#drop(next);
      next.go();
      await settle();
    }
    this.#move(end - this.steady);
    await settle();
  }

  /** Moves on at once, ending the waits that are over. */
  move(ms: number): void {
    this.#move(ms);
    for (const wait of this.waits.filter(({ at }) => at <= this.steady)) {
      this.#drop(wait);
      wait.go();
    }
  }

  /** What Lambda does between two invocations: the monotonic clock stands still, the wall clock is set right at the thaw. */
  freeze(ms: number): void {
    this.wall += ms;
  }

  #move(ms: number): void {
    this.steady += ms;
    this.wall += ms;
  }

  #drop(wait: Wait): void {
    const index = this.waits.indexOf(wait);
    if (index >= 0) this.waits.splice(index, 1);
  }
}

export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  readonly redirect: string | undefined;
  answer(response: Response): void;
  fail(error: unknown): void;
}

/** Stands for the token API: requests pile up in `sent` until a test answers them, or `script` does. */
export class FakeApi {
  readonly sent: SentRequest[] = [];
  /** Answers the next requests, in order; a function is called with the request. */
  readonly script: (Response | Error | ((request: SentRequest) => Response))[] = [];

  readonly fetch: typeof globalThis.fetch = (input, init) =>
    new Promise((resolve, reject) => {
      const abort = () => reject(init?.signal?.reason);
      if (init?.signal?.aborted) return abort();
      init?.signal?.addEventListener('abort', abort);
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          init?.signal?.removeEventListener('abort', abort);
          settle(value);
        };
      const request: SentRequest = {
        method: init?.method ?? 'GET',
        url: new URL(String(input)),
        headers: new Headers(init?.headers),
        body: init?.body as string | undefined,
        signal: init?.signal as AbortSignal,
        redirect: init?.redirect,
        answer: settled(resolve),
        fail: settled(reject),
      };
      this.sent.push(request);
      const next = this.script.shift();
      try {
        if (next instanceof Error) request.fail(next);
        else if (next) request.answer(typeof next === 'function' ? next(request) : next);
      } catch (error) {
        request.fail(error);
      }
    });

  last(): SentRequest {
    const last = this.sent.at(-1);
    if (!last) throw new Error('nothing was sent');
    return last;
  }
}

export interface Setup {
  readonly api: FakeApi;
  readonly clock: MovedClock;
  readonly tokens: TokenProvider;
}

export function setup(options: TokenProviderOptions = {}): Setup {
  const api = new FakeApi();
  const clock = new MovedClock();
  const tokens = createTokenProvider({
    url: URL_OF_API,
    credentials: CREDENTIALS,
    fetch: api.fetch,
    clock,
    ...options,
  });
  return { api, clock, tokens };
}

/** A 200 of the service. `mintedAt` orders tokens, in seconds. */
export function vended(token: string, expiresIn = 900, more: Record<string, unknown> = {}): Response {
  return Response.json({
    token,
    token_type: 'Bearer',
    expires_in: expiresIn,
    expires_at: new Date(Date.parse('2026-11-25T07:15:00Z') + numberOf(token) * 1000).toISOString(),
    client_id: 'client-1',
    credential: 'default',
    ...more,
  });
}

// Tokens of tests are called t1, t2, …: a higher number expires later.
function numberOf(token: string): number {
  return Number(/\d+$/.exec(token)?.[0] ?? 0) * 60;
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title: 'x', code, detail: `detail of ${code}` }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}

/** A connection that broke, as `fetch` tells it. */
export function broken(code = 'ECONNRESET'): Error {
  return Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('canary'), { code }) });
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The error a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );
}
