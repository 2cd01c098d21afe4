import type { VendRequest } from './decide';
import { Pairs } from './pairs';
import { type Rejection, reject } from './reject';
import { RememberingStore } from './remembering-store';
import { tick } from './tick';
import type { Chance, Clock, Fact, Minter, RecordStore, SecretReader } from './types';
import { vend } from './vend';
import type { Vended } from './vended';

/** What the engine needs from outside. */
export interface Outside {
  readonly store: RecordStore;
  readonly secrets: SecretReader;
  readonly minter: Minter;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly observe: Observe;
}

/** Told what happened; must not throw. */
export type Observe = (fact: Fact) => void;

/** The outside as one call sees it: with what its environment remembers in front. */
export interface Doors extends Omit<Outside, 'store' | 'secrets'> {
  readonly store: RememberingStore;
  readonly pairs: Pairs;
}

/**
 * A call's own `observe` is told what that call brings about, also after its answer; without one, the engine's is.
 * That the table is out of reach is always told to the engine's.
 */
export interface Engine {
  vend(request: VendRequest, observe?: Observe): Promise<Vended>;
  reject(rejection: Rejection, observe?: Observe): Promise<Vended>;
  tick(credentials: readonly string[]): Promise<void>;
}

/** The vending engine of one environment. */
export function createEngine({ store, secrets, ...rest }: Outside): Engine {
  const doors: Doors = {
    ...rest,
    store: new RememberingStore(store, rest.clock, (credential, reason) =>
      rest.observe({ kind: 'table_unreachable', credential, reason }),
    ),
    pairs: new Pairs(secrets, rest.clock),
  };
  const doorsFor = (observe = doors.observe): Doors => ({ ...doors, observe });
  return {
    vend: (request, observe) => vend(doorsFor(observe), request),
    reject: (rejection, observe) => reject(doorsFor(observe), rejection),
    tick: (credentials) => tick(doors, credentials),
  };
}
