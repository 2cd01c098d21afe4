import type { Failure, LeaseClaim, RecordStore, Token, VendingRecord, Written } from '../../lambda/record/types';
import { sha256 } from '../../lambda/sha256';
import type { Replacements } from './broken';
import type { Fault } from './faults';
import type { Invariant } from './promises';
import type { Breaks } from './simulate';

/** One piece that is broken on purpose. */
export interface Break {
  /** What is wrong then, as the end of a sentence that begins with "where". */
  readonly where: string;
  /** Exports of the engine's modules, replaced. */
  readonly engine?: Replacements;
  /** The table's conditions, or the door to it. */
  readonly outside?: Breaks;
  /** Faults without which it would not show: only seeds that bring them are tried. */
  readonly faults?: readonly Fault[];
}

type Records = Parameters<NonNullable<Breaks['table']>>[0];

/** The table with some operations changed. */
function table(change: (records: Records) => Partial<RecordStore>): Breaks {
  return { table: (records) => withChange(records, change(records)) };
}

function withChange(store: RecordStore, change: Partial<RecordStore>): RecordStore {
  return {
    read: (credential) => store.read(credential),
    acquire: (credential, claim) => store.acquire(credential, claim),
    publish: (credential, leaseId, token) => store.publish(credential, leaseId, token),
    create: (credential, token) => store.create(credential, token),
    release: (credential, leaseId, failure) => store.release(credential, leaseId, failure),
    mark: (credential, tokenId, mark) => store.mark(credential, tokenId, mark),
    ...change,
  };
}

/** Changes the record before an operation, so that a condition of that operation can no longer fail. */
function before(records: Records, credential: string, change: (record: VendingRecord) => VendingRecord): void {
  const record = records.peek(credential);
  records.put(credential, record && change(record));
}

const without = (record: VendingRecord, key: keyof VendingRecord): VendingRecord =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

const acquire = (change: (claim: LeaseClaim) => LeaseClaim): Breaks =>
  table((records) => ({ acquire: (credential, claim) => records.acquire(credential, change(claim)) }));

/** The lease is taken although this part of the record has changed since the decision. */
const outOfDate = (part: 'tokenId' | 'lease' | 'failure' | 'forcedAt'): Breaks =>
  table((records) => ({
    acquire: (credential, claim) => {
      const now = records.peek(credential);
      const stored = { ...(claim.seen?.stored as VendingRecord), [part]: now?.[part] };
      return records.acquire(credential, { ...claim, seen: { ...claim.seen, stored } });
    },
  }));

const retryAfter = (ms: number): Replacements => ({
  backoff: () => ({
    nextFailure: (_: unknown, { code }: Failure, now: number): Failure => ({ code, count: 1, retryAt: now + ms }),
  }),
});

export const BREAKS: Readonly<Record<Invariant, readonly Break[]>> = {
  'promised life': [
    {
      where: 'the margin for clocks is forgotten',
      engine: { windows: ({ untilExpiry }: { untilExpiry: unknown }) => ({ promisedLife: untilExpiry }) },
    },
  ],
  'really issued': [
    {
      where: 'one record serves all credentials',
      outside: {
        table: (records) => ({
          read: () => records.read('default'),
          acquire: (_, claim) => records.acquire('default', claim),
          publish: (_, leaseId, token) => records.publish('default', leaseId, token),
          create: (_, token) => records.create('default', token),
          release: (_, leaseId, failure) => records.release('default', leaseId, failure),
          mark: (_, tokenId, mark) => records.mark('default', tokenId, mark),
        }),
      },
    },
  ],
  fence: [
    {
      where: 'a publish does not look at the lease',
      faults: ['freeze'],
      outside: table((records) => ({
        publish: (credential, leaseId, token) => {
          before(records, credential, (record) => ({ ...record, lease: { id: leaseId, until: 0 } }));
          return records.publish(credential, leaseId, token);
        },
      })),
    },
  ],
  'replaced for good': [
    {
      where: 'a memory serves for ten minutes',
      faults: ['rejected_alive'],
      engine: { budgets: () => ({ MEMORY_AGE: 600_000 }) },
    },
  ],
  'another token': [
    {
      where: 'a rejection is taken for a vend',
      faults: ['rejected_alive'],
      engine: {
        decide: ({ decideVend }: typeof import('../../lambda/vending/decide')) => ({
          decideVend: (...[record, now, { rejectedSha256: _, ...request }, state]: Parameters<typeof decideVend>) =>
            decideVend(record, now, request, state),
        }),
      },
    },
  ],
  'rejection takes nothing': [
    {
      where: 'a rejection takes the token away at once',
      faults: ['rejected_alive', 'fiskil_5xx'],
      outside: acquire((claim) => ({ ...claim, dropToken: claim.dropToken || claim.forcedAt !== undefined })),
    },
    {
      where: 'an environment does not vend what its callers rejected',
      faults: ['rejected_alive', 'fiskil_5xx'],
      engine: {
        decide: ({ decideVend }: typeof import('../../lambda/vending/decide')) => {
          const rejected = new Set<string>();
          let last = 0;
          return {
            decideVend: (...[record, now, request, state]: Parameters<typeof decideVend>) => {
              // The next world begins where the one before began, with tokens of the same names.
              if (now < last - 10_000) {
                rejected.clear();
              }
              last = now;
              const named = record?.token && sha256(record.token.value);
              if (named && named === request.rejectedSha256) {
                rejected.add(named);
              }
              const decision = decideVend(record, now, request, state);
              return decision.action === 'serve' && named && rejected.has(named)
                ? { action: 'fail', failure: { code: 'upstream_unavailable', retryAt: now + 1_000, count: 1 } }
                : decision;
            },
          };
        },
      },
    },
  ],
  'one forced mint in 30 s': [
    {
      where: 'rejections may force a mint at any time',
      faults: ['rejected_alive'],
      engine: { budgets: () => ({ FORCED_REST: 0 }) },
    },
    {
      where: 'a lease is taken though another forced a mint since the decision',
      faults: ['rejected_alive', 'store_late'],
      outside: outOfDate('forcedAt'),
    },
  ],
  'one mint a life': [
    {
      where: 'a lease is taken from whoever has it',
      faults: ['fiskil_slow'],
      outside: table((records) => ({
        acquire: (credential, claim) => {
          before(records, credential, (record) => without(record, 'lease'));
          return records.acquire(credential, claim);
        },
      })),
    },
    {
      where: 'a lease is taken though a mint has failed since the decision',
      faults: ['fiskil_5xx'],
      outside: outOfDate('failure'),
    },
    {
      where: 'the lease stands beside a spent token, for TTL deletion to take',
      faults: ['ttl_deletion'],
      outside: acquire((claim) => ({ ...claim, dropToken: false })),
    },
    { where: 'a lease ends before the mint does', engine: { budgets: () => ({ LEASE_TIME: 300 }) } },
    { where: 'every tick finds the token old', engine: { windows: () => ({ isDueForTick: () => true }) } },
    { where: 'a failure is forgotten at once', faults: ['fiskil_5xx'], engine: retryAfter(0) },
    {
      where: 'an environment that is alone remembers nothing',
      faults: ['store_unreachable'],
      engine: {
        'remembering-store': ({ RememberingStore }: typeof import('../../lambda/vending/remembering-store')) => ({
          RememberingStore: class extends RememberingStore {
            override recall(credential: string) {
              return this.isCutOff() ? undefined : super.recall(credential);
            }
            override async read(credential: string) {
              const record = await super.read(credential);
              return this.isCutOff() ? undefined : record;
            }
            override async acquire(credential: string, claim: LeaseClaim) {
              const written = await super.acquire(credential, claim);
              return this.isCutOff() ? { done: true, record: undefined } : written;
            }
          },
        }),
      },
    },
  ],
  'ends in time': [
    {
      where: 'a request may take a minute',
      faults: ['store_throttled'],
      engine: { budgets: () => ({ REQUEST_BUDGET: 60_000 }) },
    },
  ],
  recovers: [
    {
      where: 'a failure is remembered for an hour',
      faults: ['fiskil_throttles'],
      engine: {
        backoff: () => ({ ...retryAfter(3_600_000).backoff?.(undefined as never), longestPause: () => Infinity }),
      },
    },
    {
      where: 'a lease that has ended still counts',
      faults: ['crash'],
      outside: table((records) => ({
        acquire: async (credential, claim) => {
          const record = records.peek(credential);
          return record?.lease ? { done: false, record } : records.acquire(credential, claim);
        },
      })),
    },
    {
      where: 'a failure is believed for however long it says',
      faults: ['odd_record'],
      engine: {
        believable: ({ believable }: typeof import('../../lambda/vending/believable')) => ({
          believable: (record: VendingRecord | undefined, now: number) =>
            record && { ...believable(record, now), ...(record.failure && { failure: record.failure }) },
        }),
      },
    },
  ],
  'follows the secret': [
    {
      where: 'a tick does not look at the version',
      faults: ['rotated'],
      engine: {
        decide: ({ decideTick }: typeof import('../../lambda/vending/decide')) => ({
          decideTick: (record: VendingRecord | undefined, now: number) =>
            decideTick(record, now, record?.token?.secretVersion),
        }),
      },
    },
  ],
  'right team': [
    {
      where: 'nobody looks at the team that a token names',
      faults: ['wrong_pair'],
      engine: { '../fiskil/team': () => ({ checkTeam: () => 'right' }) },
    },
  ],
  'nobody waits': [
    { where: 'ticks never find a token old', engine: { windows: () => ({ isDueForTick: () => false }) } },
    {
      where: 'no vend is noted, so that the tick takes every token for unused',
      outside: table((records) => ({
        mark: async (credential, tokenId, mark): Promise<Written> =>
          mark === 'vended'
            ? { done: true, record: vended(records.peek(credential)) }
            : records.mark(credential, tokenId, mark),
      })),
    },
  ],
  'working token serves': [
    {
      where: 'a lease is taken on a decision that is out of date',
      outside: outOfDate('tokenId'),
    },
    {
      where: 'whoever takes the lease takes the token away',
      faults: ['wrong_pair'],
      outside: acquire((claim) => ({ ...claim, dropToken: true })),
    },
  ],
  'honest refusal': [
    {
      where: 'a throttled write is not understood',
      faults: ['store_throttled'],
      engine: {
        '../record/store-errors': () => ({
          unlessThrottled: (operation: Promise<unknown>) => operation.then((answer) => ({ answer })),
        }),
      },
    },
  ],
  'nothing unhandled': [
    {
      where: 'a door asks something and does not wait for the answer',
      faults: ['store_unreachable'],
      outside: {
        door: (door) =>
          withChange(door, {
            release: (credential, leaseId, failure) => {
              void door.read(credential);
              return door.release(credential, leaseId, failure);
            },
          }),
      },
    },
  ],
  'tells no secret': [
    { where: 'a token is named by itself', engine: { '../sha256': () => ({ sha256: (text: string) => text }) } },
  ],
};

function vended(record: VendingRecord | undefined): VendingRecord | undefined {
  const token: Token | undefined = record?.token && { ...record.token, vended: true };
  return token ? { ...record, token } : record;
}
