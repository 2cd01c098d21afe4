import { lifeLeft, type Vend } from './answer';
import type { Clock } from './clock';
import { invalidOption, TokenVendingError } from './errors';
import { TokenMemory } from './memory';
import { RefreshAhead } from './refresh';
import { ATTEMPTS, BACKGROUND_ATTEMPTS, CALL_BUDGET_MS } from './retry';
import type { VendingService } from './service';
import { Flights } from './share';
import type { GetTokenOptions, TokenProvider } from './token-provider';

/** How often an answer that holds a rejected token is asked to be replaced before it is called wrong. */
const ROUNDS = 3;

/** Memory first, then the service; the rules of `TokenProvider`. */
export function provideTokens(service: VendingService, clock: Clock): TokenProvider {
  const memory = new TokenMemory(clock);
  // One flight for each min_ttl: one with more may be refused where one with less would be answered.
  const vends = new Flights<Vend>(clock, CALL_BUDGET_MS);
  const rejections = new Flights<Vend>(clock, CALL_BUDGET_MS);
  const refresh = new RefreshAhead(memory, clock, () =>
    vends.join('refresh', (end) => service.vend(0, BACKGROUND_ATTEMPTS, end)),
  );

  async function details({ minTtl = 0, signal }: GetTokenOptions = {}): Promise<Vend> {
    if (!Number.isInteger(minTtl) || minTtl < 0) throw invalidOption('`minTtl` must be a whole number of seconds.');
    signal?.throwIfAborted();
    const inHand = memory.usable(minTtl);
    if (inHand) {
      refresh.consider(inHand);
      return inHand;
    }
    return vends.join(String(minTtl), (end) => vend(minTtl, end), signal);
  }

  async function vend(minTtl: number, end: AbortSignal): Promise<Vend> {
    for (let round = 1; round <= ROUNDS; round++) {
      const answer = await service.vend(minTtl, ATTEMPTS, end);
      // An environment of the service may not know of the rejection for 10 s; a rejection always reads the table.
      if (memory.isRejected(answer.token)) await replace(answer.token, end).catch(unlessStoodBy(answer.token));
      memory.keep(answer);
      const usable = memory.usable(minTtl);
      if (usable) return usable;
    }
    throw new TokenVendingError('invalid_answer', `${ROUNDS} answers brought no token with the life asked for.`);
  }

  function replace(token: string, signal: AbortSignal | undefined): Promise<Vend> {
    return rejections.join(token, (end) => replacement(token, end), signal);
  }

  async function replacement(token: string, end: AbortSignal): Promise<Vend> {
    let rejected = token;
    for (let round = 1; round <= ROUNDS; round++) {
      const answer = await service.reject(rejected, end).catch((error) => {
        // The service stands by this token. Holding on to the rejection would leave this process without any for up to
        // 30 s, and all because one of Fiskil's endpoints answers 401 to whatever token it is shown.
        if (error instanceof TokenVendingError && error.code === 'rejection_too_soon') memory.reinstate(rejected);
        throw error;
      });
      memory.replace(rejected, answer);
      if (!memory.isRejected(answer.token)) return answer;
      rejected = answer.token;
    }
    throw new TokenVendingError('invalid_answer', `${ROUNDS} answers to a rejection held a rejected token.`);
  }

  function unlessStoodBy(token: string): (error: unknown) => void {
    return (error) => {
      if (memory.isRejected(token)) throw error;
    };
  }

  return {
    getToken: async (options) => (await details(options)).token,
    getTokenDetails: async (options) => {
      const vend = await details(options);
      const { token, clientId, credential, requestId } = vend;
      const expiresIn = Math.floor(lifeLeft(vend, clock));
      return { token, clientId, credential, expiresIn, expiresAt: new Date(vend.expiresAt), requestId };
    },
    reject: async (token, { signal } = {}) => {
      if (typeof token !== 'string' || token === '') throw invalidOption('`token` must be the token that was refused.');
      signal?.throwIfAborted();
      memory.reject(token);
      // Safe without asking only for a token known to be older than the one in hand: one from elsewhere may be newer.
      const newer = memory.isReplaced(token) ? memory.usable(0) : undefined;
      return (newer ?? (await replace(token, signal))).token;
    },
  };
}
