import { checkSignal } from './abort';
import type { Clock } from './clock';
import { invalidOption, TokenVendingError } from './errors';
import { Listener, type OnEvent, type Purpose } from './listener';
import { TokenMemory } from './memory';
import { RefreshAhead } from './refresh';
import { BACKGROUND_ATTEMPTS, CALL_BUDGET_MS } from './retry';
import { Flights, type Work } from './share';
import { lifeLeft, type Vend } from './token-api-answer';
import type { Heard, TokenApiClient } from './token-api-client';
import type { GetTokenOptions, TokenProvider } from './token-provider';

/** After this many answers with too little life, the call fails. */
const ROUNDS = 3;

/** Memory first, then the service; the rules of `TokenProvider`. */
export function provideTokens(service: TokenApiClient, clock: Clock, onEvent?: OnEvent): TokenProvider {
  const memory = new TokenMemory(clock);
  const listener = new Listener(onEvent, clock);
  // One flight for each min_ttl: the service may refuse a higher one and answer a lower one.
  const vends = new Flights<Vend>(clock, CALL_BUDGET_MS);
  const rejections = new Flights<Vend>(clock, CALL_BUDGET_MS);
  const refreshes = new Flights<Vend>(clock, CALL_BUDGET_MS, true);
  const refresh = new RefreshAhead(memory, clock, () =>
    refreshes.join(
      '',
      heardBy('refresh', (end, heard) => service.vend(0, BACKGROUND_ATTEMPTS, end, heard)),
    ),
  );

  function heardBy(purpose: Purpose, work: (end: AbortSignal, heard: Heard) => Promise<Vend>): Work<Vend> {
    const told = listener.of(purpose);
    return async (end, failed) =>
      work(end, (attempt, outcome) => {
        if (outcome instanceof TokenVendingError) {
          failed(outcome);
        }
        told(attempt, outcome);
      });
  }

  async function details({ minTtl = 0, signal }: GetTokenOptions = {}): Promise<Vend> {
    if (!Number.isInteger(minTtl) || minTtl < 0) {
      throw invalidOption('`minTtl` must be a whole number of seconds.');
    }
    checkSignal(signal);
    const inHand = memory.usable(minTtl);
    if (inHand) {
      refresh.consider(inHand);
      listener.hit(inHand);
      return inHand;
    }
    const work = heardBy('call', (end, heard) => vend(minTtl, end, heard));
    return vends.join(String(minTtl), work, signal);
  }

  async function vend(minTtl: number, end: AbortSignal, heard: Heard): Promise<Vend> {
    for (let round = 1; round <= ROUNDS; round++) {
      memory.keep(await service.vend(minTtl, Number.POSITIVE_INFINITY, end, heard));
      const usable = memory.usable(minTtl);
      if (usable) {
        return usable;
      }
    }
    throw new TokenVendingError('invalid_answer', `${ROUNDS} answers had no token with the requested life.`);
  }

  async function replacement(token: string, end: AbortSignal, heard: Heard): Promise<Vend> {
    try {
      const answer = await service.reject(token, end, heard);
      if (answer.token !== token) {
        return memory.replace(token, answer);
      }
      throw new TokenVendingError('invalid_answer', 'the answer to a rejection is the token that was rejected.');
    } catch (error) {
      memory.refuse(token, error);
      throw error;
    }
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
      if (typeof token !== 'string' || token === '') {
        throw invalidOption('`token` must be the token that was refused.');
      }
      checkSignal(signal);
      const newer = memory.insteadOf(token);
      if (newer) {
        return newer.token;
      }
      const work = heardBy('rejection', (end, heard) => replacement(token, end, heard));
      return (await rejections.join(token, work, signal)).token;
    },
  };
}
