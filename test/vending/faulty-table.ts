import type { MemoryStore } from '../../lambda/record/memory-store';
import { StoreUnreachable } from '../../lambda/record/store-errors';
import type { RecordStore } from '../../lambda/record/types';

const OPERATIONS = ['read', 'acquire', 'publish', 'create', 'release', 'mark'] as const;
type Operation = (typeof OPERATIONS)[number];

/** The table, of which some operations fail. */
export class FaultyTable {
  failing = new Set<Operation>();
  failure: () => Error = () => new StoreUnreachable('InternalServerError');
  /** How many operations were sent. */
  asked = 0;
  readonly store: RecordStore;

  constructor(table: MemoryStore) {
    const faulty = (operation: Operation) => ({
      value: async (...args: unknown[]) => {
        this.asked++;
        if (this.failing.has(operation)) {
          throw this.failure();
        }
        return (table[operation] as (...args: unknown[]) => unknown)(...args);
      },
    });
    this.store = Object.create(null, Object.fromEntries(OPERATIONS.map((operation) => [operation, faulty(operation)])));
  }

  failAll(): void {
    this.failing = new Set(OPERATIONS);
  }
}
