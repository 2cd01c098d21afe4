import type { Context, Dependencies, Observe } from './context';
import type { VendRequest } from './decide';
import { Pairs } from './pairs';
import { RememberingStore } from './remembering-store';
import { tick } from './tick';
import { VendCall } from './vend-call';
import type { Vended } from './vended';

/** A caller's report that Fiskil refused a token. */
export interface Rejection {
  readonly credential: string;
  /** SHA-256 of the refused token, lower-case hex. */
  readonly tokenSha256: string;
}

/**
 * A call's own `observe` gets the facts that the call causes, also after its answer. A call without one uses the engine's `observe`.
 * The engine's `observe` always gets the fact that the table is unreachable.
 */
export interface Engine {
  /** Returns the current token of a credential. Throws `VendingError`. */
  vend(request: VendRequest, observe?: Observe): Promise<Vended>;
  /** Returns another token than the rejected one. A burst of rejections of one token costs one mint. Throws `VendingError`. */
  reject(rejection: Rejection, observe?: Observe): Promise<Vended>;
  /** Replaces old tokens that are in use, and mints with a changed secret. Never throws. */
  tick(credentials: readonly string[]): Promise<void>;
}

/** The vending engine of one environment. */
export function createEngine({ store, secrets, ...rest }: Dependencies): Engine {
  const context: Context = {
    ...rest,
    store: new RememberingStore(store, rest.clock, (credential, reason) =>
      rest.observe({ kind: 'table_unreachable', credential, reason }),
    ),
    pairs: new Pairs(secrets, rest.clock),
  };
  const vend: Engine['vend'] = (request, observe = context.observe) =>
    new VendCall({ ...context, observe }, request).answer();
  return {
    vend,
    reject: ({ credential, tokenSha256 }, observe) => vend({ credential, rejectedSha256: tokenSha256 }, observe),
    tick: (credentials) => tick(context, credentials),
  };
}
