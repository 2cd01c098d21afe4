import { createTokenProvider, type TokenProvider, TokenVendingError } from '../../client/index';
import { MovedClock } from '../client/support';
import { BUDGET, type Driver, type Outcome } from './driver';
import type { Call } from './table';

/** A pause of the client passes at once; what is longer waits for the table to move on. */
class DriversClock extends MovedClock {
  override wall = Date.now();

  override wait(ms: number, signal: AbortSignal): Promise<void> {
    const waiting = super.wait(ms, signal);
    if (ms < BUDGET * 1000) this.move(ms);
    return waiting;
  }
}

/** The TypeScript client, in this process. */
export function typescriptDriver(): Driver {
  let clock = new DriversClock();
  let began = clock.steady;
  let tokens: TokenProvider;
  let waiting = 0;

  async function once({ call, min_ttl, token = '' }: Call): Promise<Outcome> {
    waiting++;
    try {
      return { token: call === 'get' ? await tokens.getToken({ minTtl: min_ttl }) : await tokens.reject(token) };
    } catch (error) {
      if (!(error instanceof TokenVendingError)) throw error;
      const { code, status = null, retryAfter = null, retryable, requestId = null, message } = error;
      return { error: { code, status, retry_after: retryAfter, retryable, request_id: requestId, message } };
    } finally {
      waiting--;
    }
  }

  return {
    open: async (env) => {
      for (const name of Object.keys(process.env)) if (/^(AWS|FISKIL)_/.test(name)) delete process.env[name];
      Object.assign(process.env, env);
      clock = new DriversClock();
      began = clock.steady;
      tokens = createTokenProvider({ clock });
    },
    call: (call) => Promise.all(Array.from({ length: call.times ?? 1 }, () => once(call))),
    move: async (seconds) => clock.move(seconds * 1000),
    wall: async (seconds) => {
      clock.wall += seconds * 1000;
    },
    settle: async () => {
      // The server is in this process: what it has answered is read within a few turns.
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
    waiting: async () => waiting,
    spent: async () => (clock.steady - began) / 1000,
    stop: async () => {},
  };
}
