import type { Failure, LeaseClaim, Token, VendingRecord } from '../../lambda/record/types';

/** Epoch milliseconds. Any instant will do. */
export const NOW = 1_800_000_000_000;

/** A token as it is right after a mint; each has a string of its own. */
export function token(id: string, fields: Partial<Token> = {}): Token {
  return {
    value: `value-of-${id}`,
    clientId: 'client-1',
    issuedAt: NOW / 1_000,
    // What Fiskil calls typical.
    expiresAt: NOW / 1_000 + 900,
    id,
    secretVersion: 'version-1',
    vended: true,
    ...fields,
  };
}

/** A claim at `NOW`, decided on a record that is not there. */
export function claim(leaseId: string, fields: Partial<LeaseClaim> = {}): LeaseClaim {
  return {
    lease: { id: leaseId, until: NOW + 18_000 },
    now: NOW,
    seen: undefined,
    dropToken: false,
    ...fields,
  };
}

export function failure(fields: Partial<Failure> = {}): Failure {
  return { code: 'upstream_unavailable', retryAt: NOW + 2_000, count: 1, secretVersion: 'version-1', ...fields };
}

/** The record as an engine sees it: without what the store keeps in it for its own conditions. */
export function bare(record: VendingRecord | undefined): VendingRecord | undefined {
  const { stored: _own, ...rest } = record ?? {};
  return record && rest;
}
