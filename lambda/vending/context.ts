import type { RecordStore } from '../record/types';
import type { Pairs } from './pairs';
import type { RememberingStore } from './remembering-store';
import type { Chance, Clock, Fact, Minter, SecretReader } from './types';

/** What the engine needs from outside. */
export interface Dependencies {
  readonly store: RecordStore;
  readonly secrets: SecretReader;
  readonly minter: Minter;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly observe: Observe;
}

/** Receives what happened. Must not throw. */
export type Observe = (fact: Fact) => void;

/** What one call works with. The store and the pairs include this environment's memory of them. */
export interface Context extends Omit<Dependencies, 'store' | 'secrets'> {
  readonly store: RememberingStore;
  readonly pairs: Pairs;
}
