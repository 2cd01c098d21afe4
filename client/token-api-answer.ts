import { type Clock, elapsedMs, type Instant } from './clock';
import { TokenVendingError } from './errors';
import type { HttpAnswer } from './transport';

/** A token as the service vended it. */
export interface Vend {
  readonly token: string;
  readonly clientId: string;
  readonly credential: string;
  /** Epoch milliseconds, as the service said. Only for finding the newer of two tokens, never compared with this machine's clock. */
  readonly expiresAt: number;
  /** Seconds of life from `sentAt`; 0 for a token that expired before the answer came. */
  readonly life: number;
  /** Just before the request was sent. So a slow answer makes the token look older than it is, never younger. */
  readonly sentAt: Instant;
  readonly requestId: string | undefined;
}

/** Seconds of life left. */
export function lifeLeft(vend: Vend, clock: Clock): number {
  return vend.life - elapsedMs(clock, vend.sentAt) / 1000;
}

/** Fiskil's tokens live 15 minutes; the service refuses more than a day. */
const MAX_LIFE_SECONDS = 86_400;

/** Checks the body of a 200 once, so that no later code has to. */
export function readVend(answer: HttpAnswer, credential: string, sentAt: Instant): Vend {
  const body = parseObject(answer.body);
  const requestId = requestIdOf(answer);
  const bad = (what: string) =>
    new TokenVendingError('invalid_answer', `${what}; is \`url\` the URL of the token API?`, {
      status: answer.status,
      requestId,
    });
  if (!body) {
    throw bad('the answer is not a JSON object');
  }
  const { token, client_id: clientId, expires_in: life } = body;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw bad('`token` is not printable ASCII');
  }
  if (typeof life !== 'number' || !(life >= 0 && life <= MAX_LIFE_SECONDS)) {
    throw bad('`expires_in` is not a number of seconds up to a day');
  }
  const expiresAt = typeof body.expires_at === 'string' ? Date.parse(body.expires_at) : Number.NaN;
  if (Number.isNaN(expiresAt)) {
    throw bad('`expires_at` is not a date');
  }
  if (typeof clientId !== 'string') {
    throw bad('`client_id` is not a string');
  }
  if (body.credential !== credential) {
    throw bad('`credential` is not the requested one');
  }
  return { token, clientId, credential, expiresAt, life, sentAt, requestId };
}

export interface Problem {
  readonly code: string | undefined;
  readonly detail: string | undefined;
}

/** The code and detail of an answer other than 200. `detail` is public by the service's contract. The error leaves out any other text, because API
 * Gateway's own message about a wrong signature quotes the signed headers, with the session token.
 */
export function readProblem(answer: HttpAnswer): Problem {
  const { code, detail } = parseObject(answer.body) ?? {};
  if (typeof code !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(code)) {
    return { code: undefined, detail: undefined };
  }
  return { code, detail: typeof detail === 'string' ? detail.slice(0, 500) : undefined };
}

export function requestIdOf(answer: HttpAnswer): string | undefined {
  const id = answer.header('x-amzn-requestid') ?? answer.header('apigw-requestid');
  return id !== undefined && /^[\w=+/-]{1,100}$/.test(id) ? id : undefined;
}

export function retryAfterOf(answer: HttpAnswer): number | undefined {
  const value = answer.header('retry-after');
  return value !== undefined && /^\d{1,5}$/.test(value) ? Number(value) : undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // The parser's message quotes its input, which may be a token.
    return undefined;
  }
}
