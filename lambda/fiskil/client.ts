import { ATTEMPT_BUDGET } from '../vending/budgets';
import { VendingError } from '../vending/errors';
import type { MintedToken, Minter, Pair } from '../vending/types';
import { parseAnswer, readCapped } from './answer';
import { retryAfterSeconds } from './retry-after';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Fiskil's own headers for this endpoint (Fiskil, Authentication page). */
const JSON_TYPE = 'application/json; charset=UTF-8';

/** Mints tokens at Fiskil's token endpoint. */
export class FiskilClient implements Minter {
  constructor(
    /** https, or http on loopback: checked where the configuration is read. */
    private readonly tokenUrl: string,
    private readonly now: () => number,
    private readonly fetch: Fetch = (url, init) => globalThis.fetch(url, init),
  ) {}

  /** One POST, and a second one only where the connection failed before an answer came. Throws `VendingError`. */
  async mint(pair: Pair, timeoutMs: number): Promise<MintedToken> {
    const end = this.now() + timeoutMs;
    try {
      const response = await this.post(pair, timeoutMs).catch((error: unknown) => {
        const left = end - this.now();
        if (!isConnectionFailure(error) || left <= 0) {
          throw error;
        }
        return this.post(pair, left);
      });
      if (response.status === 200) {
        return parseAnswer(await readCapped(response));
      }
      // Without this the connection stays busy with a body that nobody reads.
      await response.body?.cancel();
      throw refusal(response, this.now());
    } catch (error) {
      throw error instanceof VendingError ? error : translated(error);
    }
  }

  private post(pair: Pair, timeoutMs: number): Promise<Response> {
    return this.fetch(this.tokenUrl, {
      method: 'POST',
      headers: { accept: JSON_TYPE, 'content-type': JSON_TYPE },
      body: JSON.stringify({ client_id: pair.clientId, client_secret: pair.clientSecret }),
      // A followed 307 would send the secret to wherever it points.
      redirect: 'error',
      signal: AbortSignal.timeout(Math.min(timeoutMs, ATTEMPT_BUDGET)),
    });
  }
}

function refusal(response: Response, now: number): VendingError {
  const { status } = response;
  const reason = `HTTP ${status}`;
  if (status === 401 || status === 403) {
    return new VendingError('credentials_rejected', 'Fiskil refused the pair', undefined, reason);
  }
  if (status === 429) {
    const retryAfter = retryAfterSeconds(response.headers.get('retry-after'), now);
    return new VendingError('upstream_throttled', 'Fiskil limits the rate', retryAfter, reason);
  }
  const code = status >= 500 ? 'upstream_unavailable' : 'invalid_upstream_answer';
  return new VendingError(code, 'Fiskil did not give a token', undefined, reason);
}

/** Messages and causes stay behind: they can quote headers and bodies. An error's code or name goes to the log. */
function translated(error: unknown): VendingError {
  const code = codeOf(error);
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  if (isTimeout || isConnectionFailure(error) || (error instanceof TypeError && error.message === 'terminated')) {
    return new VendingError('upstream_unavailable', 'Fiskil was not reached', undefined, isTimeout ? 'timeout' : code);
  }
  return new VendingError('invalid_upstream_answer', 'Fiskil broke its contract', undefined, code ?? 'redirect');
}

/** `fetch` hides what happened to the connection in the cause; a redirect that it refused has no code, a malformed answer one of its parser's. */
function isConnectionFailure(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && !code.startsWith('HPE_');
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof TypeError ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : undefined;
}
