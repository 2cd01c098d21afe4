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
  /** Told what happened; must not throw. */
  readonly observe: (fact: Fact) => void;
}

/** The outside as one environment's calls see it: with what the environment remembers in front. */
export interface Doors extends Omit<Outside, 'store' | 'secrets'> {
  readonly store: RememberingStore;
  readonly pairs: Pairs;
}

export interface Engine {
  vend(request: VendRequest): Promise<Vended>;
  reject(rejection: Rejection): Promise<Vended>;
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
  return {
    vend: (request) => vend(doors, request),
    reject: (rejection) => reject(doors, rejection),
    tick: (credentials) => tick(doors, credentials),
  };
}
