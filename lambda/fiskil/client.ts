import { ATTEMPT_BUDGET } from '../vending/budgets';
import { mintFailure, VendingError } from '../vending/errors';
import type { MintedToken, Minter, Pair } from '../vending/types';
import { VERSION } from '../version';
import { errorIn } from './error-object';
import { parseAnswer, readCapped } from './mint-answer';
import { retryAfterSeconds } from './retry-after';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Fiskil's own headers for this endpoint (Fiskil, Authentication page). */
const JSON_TYPE = 'application/json; charset=UTF-8';

/** Fiskil's Console shows it in its request logs. So a mint by anybody else is visible there. */
const USER_AGENT = `fiskil-token-vending/${VERSION}`;

/** Mints tokens at Fiskil's token endpoint. */
export class FiskilClient implements Minter {
  constructor(
    /** https, or http on loopback. The configuration checks that. */
    private readonly tokenUrl: string,
    private readonly now: () => number,
    private readonly fetch: Fetch = (url, init) => globalThis.fetch(url, init),
  ) {}

  /** One POST, and a second one only if the connection failed before an answer came. Throws `VendingError`. */
  async mint(pair: Pair, timeoutMs: number): Promise<MintedToken> {
    const end = this.now() + timeoutMs;
    try {
      const { response, signal } = await this.post(pair, timeoutMs).catch((error: unknown) => {
        const left = end - this.now();
        if (!isConnectionFailure(error) || left <= 0) {
          throw error;
        }
        return this.post(pair, left);
      });
      if (response.status === 200) {
        return parseAnswer(await readCapped(response, signal));
      }
      throw await refusal(response, signal, pair, this.now());
    } catch (error) {
      throw error instanceof VendingError ? error : translated(error);
    }
  }

  private async post(pair: Pair, timeoutMs: number): Promise<{ response: Response; signal: AbortSignal }> {
    const signal = AbortSignal.timeout(Math.min(timeoutMs, ATTEMPT_BUDGET));
    const response = await this.fetch(this.tokenUrl, {
      method: 'POST',
      headers: {
        accept: JSON_TYPE,
        'content-type': JSON_TYPE,
        'user-agent': USER_AGENT,
        // Mints are minutes apart. A pooled connection would be dead by then, and a frozen environment would not know.
        connection: 'close',
      },
      body: JSON.stringify({ client_id: pair.clientId, client_secret: pair.clientSecret }),
      // A followed 307 would send the secret to another address.
      redirect: 'error',
      signal,
    });
    return { response, signal };
  }
}

/** Only the status decides. The body is for the log, and may be unreadable. */
async function refusal(response: Response, signal: AbortSignal, pair: Pair, now: number): Promise<VendingError> {
  const said = errorIn(await readCapped(response, signal).catch(() => ''), pair);
  const { status } = response;
  const reason = `HTTP ${status}`;
  if (status === 401 || status === 403) {
    return mintFailure('credentials_rejected', reason, undefined, said);
  }
  if (status === 429) {
    const retryAfter = retryAfterSeconds(response.headers.get('retry-after'), now);
    return mintFailure('upstream_throttled', reason, retryAfter, said);
  }
  return mintFailure(status >= 500 ? 'upstream_unavailable' : 'invalid_upstream_answer', reason, undefined, said);
}

/** Only an error's code or name goes to the log. Messages and causes can quote headers and bodies. */
function translated(error: unknown): VendingError {
  const isTimeout = (error as Error).name === 'TimeoutError';
  if (isTimeout || isConnectionFailure(error)) {
    const reason = isTimeout ? 'timeout' : causeOf(error).code;
    return mintFailure('upstream_unavailable', reason);
  }
  const { code, name, message } = causeOf(error);
  const reason = message === 'unexpected redirect' ? 'redirect' : (code ?? name);
  return mintFailure('invalid_upstream_answer', reason);
}

/** The codes of the parsers of HTTP and of compressed bodies: an answer came, but it is broken. (Node 24's HTTP parser gives no code.) */
const BROKEN_ANSWER = /^(HPE_|Z_|ERR__ERROR_|UND_ERR_(HEADERS_OVERFLOW|REQ_))/;

/** `fetch` puts a connection error into the cause. Its own refusals, such as of a redirect, have no code. */
function isConnectionFailure(error: unknown): boolean {
  const { code } = causeOf(error);
  return code !== undefined && !BROKEN_ANSWER.test(code);
}

function causeOf(error: unknown): { readonly code?: string; readonly name?: string; readonly message?: string } {
  return (error as { cause?: object }).cause ?? {};
}
