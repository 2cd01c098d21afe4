import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { START } from './world';

export type Item = Readonly<Record<string, AttributeValue>>;

const n = (value: number): AttributeValue => ({ N: String(value) });
const SECONDS = START / 1_000;
const HOUR = 3_600_000;

/** The item as this release writes it: a token with 600 s left. */
export const GOOD: Item = {
  token: { S: 'stored' },
  client_id: { S: 'id-1' },
  issued_at: n(SECONDS - 300),
  expires_at: n(SECONDS + 600),
  ttl: n(SECONDS + 600),
  token_id: { S: 'stored-id' },
  secret_version: { S: 'v1' },
  vended: { BOOL: true },
};

const FAILURE = {
  code: { S: 'upstream_unavailable' },
  retry_at: n(START + 60_000),
  count: n(3),
  secret_version: { S: 'v1' },
};

const failing = (change: Record<string, AttributeValue | undefined>): Item => {
  const failure = Object.entries({ ...FAILURE, ...change }).filter(
    (entry): entry is [string, AttributeValue] => entry[1] !== undefined,
  );
  return { failure: { M: Object.fromEntries(failure) } };
};

/** Odd items that other releases or people write, beside a token or without one. None delays a call. */
export const ODD_ITEMS: Readonly<Record<string, Item>> = {
  'a failure without a count': failing({ count: undefined }),
  'a failure without a code': failing({ code: undefined }),
  'a failure with a code of another release': failing({ code: { S: 'quota_exhausted' } }),
  'a failure whose code is a property of every object': failing({ code: { S: 'constructor' } }),
  'a failure whose retry_at is text': failing({ retry_at: { S: 'later' } }),
  'a failure whose count is negative': failing({ count: n(-1_000) }),
  'a failure that nobody can have written for so long': failing({ retry_at: n(START + 90_000) }),
  'a throttle for a day': failing({ code: { S: 'upstream_throttled' }, retry_at: n(START + 24 * HOUR) }),
  'a refused pair for a day': failing({ code: { S: 'credentials_rejected' }, retry_at: n(START + 24 * HOUR) }),
  'a refused pair of an unknown version': failing({
    code: { S: 'credentials_rejected' },
    retry_at: n(START + 50_000),
    secret_version: undefined,
  }),
  'a failure that is text': { failure: { S: 'upstream_unavailable' } },
  'a failure that is a list': { failure: { L: [] } },
  'a token_id that is a number': { token_id: n(5) },
  'a token_id that is null': { token_id: { NULL: true } },
  'a lease_id without lease_until': { lease_id: { S: 'x' } },
  'a lease_until without lease_id': { lease_until: n(START + 10_000) },
  'a lease_until that is text': { lease_id: { S: 'x' }, lease_until: { S: 'soon' } },
  'a lease_id that is a number': { lease_id: n(5), lease_until: n(START + 10_000) },
  'a lease an hour ahead': { lease_id: { S: 'x' }, lease_until: n(START + HOUR) },
  'a forced_at that is text': { forced_at: { S: 'now' } },
  'a forced_at an hour ahead': { forced_at: n(SECONDS + 3_600) },
  'a token that is a number': { token: n(5) },
  'a token that lives a year': { expires_at: n(SECONDS + 31_536_000) },
  'a token that ends before it begins': { expires_at: n(SECONDS - 900) },
  'an expires_at that is text': { expires_at: { S: 'tomorrow' } },
  'the mark of a former release': { rejected: { BOOL: true } },
  'attributes of a later release': { quota: { M: { left: n(0) } }, schema: n(9) },
};
