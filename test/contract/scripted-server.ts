import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, startHttpServer } from '../support/http-server';
import type { Answer } from './table';

/** The text that a token's name in the table stands for: found in a message, it is a leak. */
export const wireToken = (name: string) => `canary-token-${name}`;
export const nameOf = (token: string) => token.replace(/^canary-token-/, '');

const NAMES = ['t1', 't2', 't3', 't4'];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A token API that says what a case scripts. */
export class ScriptedServer {
  #script: Answer[] = [];
  #seen: string[] = [];
  #held: (() => void)[] = [];
  #path = '';
  #scripts = 0;
  #server: HttpServer | undefined;

  async start(): Promise<void> {
    this.#server = await startHttpServer((request, response, body) => this.#answer(request, response, body));
  }

  /** Answers the URL of this script. Whoever calls with an older one comes from an earlier case. */
  script(answers: readonly Answer[]): string {
    this.#script = [...answers];
    this.#seen = [];
    this.#path = `/${++this.#scripts}/v1/`;
    return `${this.#server?.origin}${this.#path}`;
  }

  get seen(): number {
    return this.#seen.length;
  }

  takeSeen(): string[] {
    return this.#seen.splice(0);
  }

  release(): void {
    for (const go of this.#held.splice(0)) go();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    if (!request.url?.startsWith(this.#path)) return void response.destroy();
    this.#seen.push(described(request, body));
    const [answer] = this.#script;
    if (answer && !answer.again) this.#script.shift();
    if (!answer) response.writeHead(400, { 'content-type': 'application/json' }).end('{"code":"not_scripted"}');
    else if (answer.held) this.#held.push(() => send(answer, response));
    else send(answer, response);
  }
}

function send(answer: Answer, response: ServerResponse): void {
  if (answer.breaks === 'before') return void response.destroy();
  const isVend = answer.token !== undefined;
  const text = answer.body ?? 'x'.repeat(answer.bytes ?? 0) ?? '';
  const body = text || JSON.stringify(isVend ? vend(answer) : problem(answer));
  response.writeHead(answer.status ?? 200, {
    'content-type': isVend ? 'application/json' : 'application/problem+json',
    ...(answer.retry_after !== undefined && { 'retry-after': String(answer.retry_after) }),
    ...answer.headers,
    'content-length': Buffer.byteLength(body) + (answer.breaks === 'within' ? 1 : 0),
  });
  if (answer.breaks === 'within') response.write(body, () => response.destroy());
  else response.end(body);
}

/** A later number expires later, by the service's word. */
function vend({ token = '', expires_in = 900, with: other }: Answer): object {
  const expires_at = new Date(Date.parse('2026-11-25T07:15:00Z') + Number(token.slice(1)) * 60_000).toISOString();
  const whole = { token: wireToken(token), token_type: 'Bearer', expires_in, expires_at };
  return { ...whole, client_id: 'client-1', credential: 'default', ...other };
}

function problem({ status, code }: Answer): object {
  return code === undefined ? { message: 'canary' } : { title: 'x', status, code, detail: `detail of ${code}` };
}

function described({ method, url = '', headers }: IncomingMessage, body: string): string {
  const { pathname, search } = new URL(url, 'http://x');
  const path = pathname.replace(/^\/\d+\/v1\/tokens\/default/, '').replace('/rejections', '');
  const faults = [
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/ap-southeast-2\/execute-api\/aws4_request, /.test(
      headers.authorization ?? '',
    ) || 'unsigned',
    headers['x-amz-security-token'] === 'canary-session' || 'without the session',
    /^fiskil-token-vending-client\/\d+\.\d+\.\d+\b/.test(headers['user-agent'] ?? '') || 'without a user agent',
    method === 'GET' || headers['content-type'] === 'application/json' || 'without its media type',
  ].filter((fault) => fault !== true);
  const named = method === 'POST' ? nameOfRejected(body) : '';
  return [method, path, search.slice(1), named, ...faults].filter((part) => part !== '').join(' ');
}

function nameOfRejected(body: string): string {
  const { token_sha256, ...more } = JSON.parse(body);
  const name = NAMES.find((each) => sha256(wireToken(each)) === token_sha256);
  return name === undefined || Object.keys(more).length > 0 ? body : name;
}
