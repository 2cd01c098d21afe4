import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Failure, FailureCode, FailureReason, Token, VendingRecord } from '../record/types';

export type Item = Record<string, AttributeValue>;

/** The record in an item. A missing attribute, or one of another type, counts as absent. */
export function recordOf(item: Item): VendingRecord {
  const leaseId = item.lease_id?.S;
  const leaseUntil = numberOf(item.lease_until);
  return {
    tokenId: item.token_id?.S,
    token: tokenOf(item),
    lease: leaseId !== undefined && leaseUntil !== undefined ? { id: leaseId, until: leaseUntil } : undefined,
    failure: failureOf(item.failure?.M),
    forcedAt: numberOf(item.forced_at),
    stored: item,
  };
}

/** The values of a token's attributes, by their names with a colon in front. */
export function tokenValues(token: Token): Item {
  return {
    ':token': { S: token.value },
    ':client_id': { S: token.clientId },
    ':issued_at': { N: String(token.issuedAt) },
    ':expires_at': { N: String(token.expiresAt) },
    ':secret_version': { S: token.secretVersion },
    ':token_id': { S: token.id },
    ':vended': { BOOL: token.vended },
  };
}

function tokenOf(item: Item): Token | undefined {
  const value = item.token?.S;
  const id = item.token_id?.S;
  const issuedAt = numberOf(item.issued_at);
  const expiresAt = numberOf(item.expires_at);
  if (value === undefined || id === undefined || issuedAt === undefined || expiresAt === undefined) {
    return undefined;
  }
  return {
    value,
    id,
    issuedAt,
    expiresAt,
    clientId: item.client_id?.S ?? '',
    secretVersion: item.secret_version?.S ?? '',
    vended: item.vended?.BOOL === true,
  };
}

function failureOf(map: Item | undefined): Failure | undefined {
  // `believable` drops a failure with a code that this release does not know, or with times that nobody can have written. An unknown reason stays: it
  // changes nothing.
  const code = map?.code?.S as FailureCode | undefined;
  const retryAt = numberOf(map?.retry_at);
  const count = numberOf(map?.count);
  if (code === undefined || retryAt === undefined || count === undefined) {
    return undefined;
  }
  const reason = map?.reason?.S as FailureReason | undefined;
  return { code, retryAt, count, secretVersion: map?.secret_version?.S, reason };
}

function numberOf(value: AttributeValue | undefined): number | undefined {
  const number = Number(value?.N);
  return Number.isFinite(number) ? number : undefined;
}
