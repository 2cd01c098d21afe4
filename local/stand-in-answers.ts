import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { ScriptedFailure } from './stand-in-conditions';

export interface Answer {
  readonly status: number;
  readonly body: object;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

/** An error in Fiskil's format: an id for support, and three flags that say whose fault it is. */
export function refusal(status: number, message: string): Answer {
  const name = (STATUS_CODES[status] ?? 'error').toLowerCase().replaceAll(/[^a-z]+/g, '_');
  const id = `err_${randomUUID()}`;
  const temporary = [429, 503, 504].includes(status);
  return { status, body: { name, id, message, temporary, timeout: status === 504, fault: status >= 500 } };
}

export function failureAnswer({ status, retryAfter }: ScriptedFailure): Answer {
  return { ...refusal(status, 'the stand-in was told to answer with this error'), retryAfter };
}

export function send(response: ServerResponse, { status, body, retryAfter }: Answer): void {
  response.setHeader('content-type', status < 400 ? 'application/json' : 'application/vnd.goa.error');
  if (retryAfter !== undefined) {
    response.setHeader('retry-after', retryAfter);
  }
  response.writeHead(status).end(JSON.stringify(body));
}
