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

/** Runs everything that waits only for other promises. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

interface Wait {
  readonly at: number;
  go(): void;
}

/** A clock that only tests move. Wall time and monotonic time move together, unless a test moves one alone. */
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

  /** Moves the time on, and ends each wait at its own instant. */
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

  /** Moves the time in one step, and then ends the waits that are over. */
  move(ms: number): void {
    this.#move(ms);
    for (const wait of this.waits.filter(({ at }) => at <= this.steady)) {
      this.#drop(wait);
      wait.go();
    }
  }

  /** Freezes the environment, as Lambda does between two invocations: the wall clock moves on, the monotonic clock does not. */
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

/** A stand-in for the token API. Requests wait in `sent` until the test or `script` answers them. */
export class FakeApi {
  readonly sent: SentRequest[] = [];
  /** The answers to the next requests, in order. A function gets the request as its argument. */
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

/** A 200 of the service. `mintedAt`, in seconds, says which token is newer. */
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

// The tests' tokens are t1, t2, …. A higher number expires later.
function numberOf(token: string): number {
  return Number(/\d+$/.exec(token)?.[0] ?? 0) * 60;
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title: 'x', code, detail: `detail of ${code}` }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}

/** The error of `fetch` for a broken connection. */
export function broken(code = 'ECONNRESET'): Error {
  return Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('canary'), { code }) });
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The error with which the promise rejects. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );
}
