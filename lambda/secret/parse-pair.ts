import { isPrintable } from '../printable';
import { VendingError } from '../vending/errors';
import type { Pair } from '../vending/types';

/** The rows of the secret that hold a pair: the live one, or the one staged for a rotation. */
export interface PairRows {
  readonly clientId: string;
  readonly clientSecret: string;
}

export const LIVE_ROWS: PairRows = { clientId: 'client_id', clientSecret: 'client_secret' };

const HOW_IT_LOOKS = 'it must be a JSON object with the keys "client_id" and "client_secret"';

/** The row beside them that names the team of the pair. */
const TEAM_ROW = 'org_id';

/** Characters. A longer text is not the id of a team, and would be too long for a log. */
const LONGEST_TEAM = 128;

/** The pair in a secret's text, with the team in the row `org_id`, if there is one. Throws `VendingError` with `credential_not_configured`. Its detail
 * says what is wrong and where. It never contains a value, nor the keys that were found, because somebody may paste a secret as a key.
 */
export function parsePair(text: string | undefined, rows: PairRows = LIVE_ROWS): Pair {
  const secret = parseSecret(text);
  const clientId = rowOf(secret, rows.clientId);
  const clientSecret = rowOf(secret, rows.clientSecret);
  if (clientId === '' && clientSecret === '') {
    throw unconfigured(`the secret is still empty: paste ${rows.clientId} and ${rows.clientSecret} into it`);
  }
  const pair = { clientId: checked(rows.clientId, clientId), clientSecret: checked(rows.clientSecret, clientSecret) };
  const orgId = teamOf(secret);
  return orgId === '' ? pair : { ...pair, orgId };
}

/** Empty if there is no such row, as in most secrets. */
function teamOf(secret: Record<string, unknown>): string {
  const orgId = Object.hasOwn(secret, TEAM_ROW) ? rowOf(secret, TEAM_ROW) : '';
  if (orgId.length > LONGEST_TEAM) {
    throw unconfigured(`"${TEAM_ROW}" is longer than ${LONGEST_TEAM} characters, so it is not the id of a team`);
  }
  return orgId === '' ? '' : checked(TEAM_ROW, orgId);
}

/** The secret as an object of rows. Throws as `parsePair` does. */
export function parseSecret(text: string | undefined): Record<string, unknown> {
  if (text === undefined) {
    throw unconfigured(`the secret is binary; ${HOW_IT_LOOKS}, as text`);
  }
  if (text.trim() === '') {
    throw unconfigured(`the secret has no text; ${HOW_IT_LOOKS}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(text));
  } catch {
    // The parser's own message quotes its input.
    throw unconfigured(`the secret is not JSON; ${HOW_IT_LOOKS}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unconfigured(`the secret is JSON, but not an object; ${HOW_IT_LOOKS}`);
  }
  return value as Record<string, unknown>;
}

/** The text without the byte order mark that some editors put before it. The mark is invisible and not JSON. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}

function rowOf(secret: Record<string, unknown>, row: string): string {
  const value = Object.hasOwn(secret, row) ? secret[row] : undefined;
  if (value === undefined) {
    throw unconfigured(`the secret has no key "${row}" (spelt exactly like this); ${HOW_IT_LOOKS}`);
  }
  if (typeof value !== 'string') {
    throw unconfigured(`"${row}" is not text`);
  }
  return value;
}

function checked(row: string, value: string): string {
  if (value === '') {
    throw unconfigured(`"${row}" is empty`);
  }
  // Before the check for spaces, because `trim` also removes a byte order mark.
  if (/[\u00ad\u200b-\u200f\u2060\ufeff]/.test(value)) {
    throw unconfigured(`"${row}" contains an invisible character, such as a byte order mark`);
  }
  if (value !== value.trim()) {
    throw unconfigured(`"${row}" begins or ends with a space or a line break`);
  }
  if (/[\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f]/.test(value)) {
    throw unconfigured(`"${row}" contains curly quotes, as a word processor writes them`);
  }
  if (!isPrintable(value)) {
    throw unconfigured(`"${row}" contains a space, a line break or a character that is not plain ASCII`);
  }
  return value;
}

function unconfigured(detail: string): VendingError {
  const sentence = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
  // Also for the log, because no answer shows it while callers still get an old token.
  return new VendingError('credential_not_configured', sentence, 2, sentence);
}
