import type { Failure, VendingRecord } from '../../lambda/record/types';

/** Further ahead than any world lasts, or it would become believable in time. */
const FAR = 1_000 * 3_600_000;

const failure = (fields: Partial<Failure>): Failure => ({
  code: 'upstream_unavailable',
  retryAt: 0,
  count: 1,
  secretVersion: 'version-1',
  ...fields,
});

/** What another release or somebody's hand can leave in a record: none of it can have been written by this release at `now`. */
export const ODD_RECORDS: readonly ((record: VendingRecord, now: number) => VendingRecord)[] = [
  (record, now) => ({ ...record, lease: { id: 'by-hand', until: now + FAR } }),
  (record, now) => ({ ...record, failure: failure({ retryAt: now + FAR }) }),
  (record, now) => ({ ...record, failure: failure({ code: 'credentials_rejected', retryAt: now + FAR }) }),
  (record, now) => ({ ...record, failure: failure({ code: 'upstream_throttled', retryAt: now + FAR }) }),
  (record, now) => ({ ...record, failure: failure({ code: 'of_another_release' as never, retryAt: now + 5_000 }) }),
  (record, now) => ({ ...record, failure: failure({ retryAt: now + 5_000, count: -3 }) }),
  (record, now) => ({ ...record, forcedAt: (now + FAR) / 1_000 }),
  ({ token, ...record }, now) => ({
    ...record,
    ...(token && { token: { ...token, issuedAt: (now + FAR) / 1_000, expiresAt: (now + FAR) / 1_000 + 900 } }),
  }),
  ({ token, ...record }) => ({ ...record, ...(token && { token: { ...token, expiresAt: token.issuedAt } }) }),
  ({ tokenId: _gone, ...record }) => record,
  ({ token: _gone, ...record }) => record,
];
