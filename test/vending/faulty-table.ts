import { StoreUnreachable } from '../../lambda/record/store-errors';
import type { RecordStore } from '../../lambda/record/types';

const OPERATIONS = ['read', 'acquire', 'publish', 'create', 'release', 'mark'] as const;
type Operation = (typeof OPERATIONS)[number];

/** What is done instead of an operation. It is handed the operation itself, to do it or not. */
type Hook = (operate: () => Promise<unknown>, of: { operation: Operation; credential: string }) => Promise<unknown>;

/** The table, of which these operations, or all, go through a hook. */
export function hooked(table: RecordStore, hooks: Hook | Partial<Record<Operation, Hook>>): RecordStore {
  const hooking = OPERATIONS.flatMap((operation) => {
    const hook = typeof hooks === 'function' ? hooks : hooks[operation];
    const original = table[operation] as (credential: string, ...rest: unknown[]) => Promise<unknown>;
    const value = (credential: string, ...rest: unknown[]) =>
      hook?.(() => original.call(table, credential, ...rest), { operation, credential });
    return hook ? [[operation, { value }]] : [];
  });
  return Object.create(table, Object.fromEntries(hooking));
}

/** The table, of which some operations fail. */
export class FaultyTable {
  failing = new Set<Operation>();
  failure: () => Error = () => new StoreUnreachable('InternalServerError');
  /** How many operations were sent. */
  asked = 0;
  /** Awaited before each operation. */
  before: ((of: { operation: Operation }) => Promise<void>) | undefined;
  readonly store: RecordStore;

  constructor(table: RecordStore) {
    this.store = hooked(table, async (operate, { operation }) => {
      this.asked++;
      await this.before?.({ operation });
      if (this.failing.has(operation)) {
        throw this.failure();
      }
      return operate();
    });
  }

  failAll(): void {
    this.failing = new Set(OPERATIONS);
  }
}
