import { LIVE_ROWS, type PairRows, parsePair, parseSecret, withoutMark } from '../secret/parse-pair';
import type { Pair } from '../vending/types';
import { RotationFailure } from './failure';
import { withRow } from './rows';

/** The rows that wait for "Rotate secret immediately". */
const STAGED_ROWS: PairRows = { clientId: 'next_client_id', clientSecret: 'next_client_secret' };

const HOW_TO_STAGE =
  'Add the rows next_client_id and next_client_secret with the pair that the Fiskil Console made, save, and press "Rotate secret immediately" again.';

/**
 * The secret's text after a rotation: the staged pair is live, its `next_` rows are gone, and all other rows keep their
 * exact text. Throws `RotationFailure`, or `VendingError` if a value cannot be right. Neither quotes a value.
 */
export function promotedText(text: string | undefined): string {
  const staged = stagedPair(text);
  const changes: readonly (readonly [row: string, value: string | undefined])[] = [
    [LIVE_ROWS.clientId, staged.clientId],
    [LIVE_ROWS.clientSecret, staged.clientSecret],
    [STAGED_ROWS.clientId, undefined],
    [STAGED_ROWS.clientSecret, undefined],
  ];
  return changes.reduce((changed, [row, value]) => withRow(changed, row, value), withoutMark(text ?? ''));
}

/** Whether a rotation of a secret with this text would still make exactly this version. */
export function isStillStaged(pending: string | undefined, text: string | undefined): boolean {
  try {
    return promotedText(text) === pending;
  } catch {
    return false;
  }
}

/** The live pair of a secret's text; undefined if there is no usable one. */
export function livePair(text: string | undefined): Pair | undefined {
  try {
    return parsePair(text);
  } catch {
    return undefined;
  }
}

export function isSamePair(a: Pair, b: Pair | undefined): boolean {
  return a.clientId === b?.clientId && a.clientSecret === b.clientSecret;
}

function stagedPair(text: string | undefined): Pair {
  const secret = parseSecret(text);
  const rows = Object.values(STAGED_ROWS);
  const given = rows.filter((row) => secret[row] !== undefined && secret[row] !== '');
  if (given.length === 0) {
    throw new RotationFailure(`Nothing is staged in this secret. ${HOW_TO_STAGE}`, 'definitive');
  }
  if (given.length === 1) {
    const missing = rows.find((row) => !given.includes(row));
    throw new RotationFailure(
      `Only ${given[0]} is staged: ${missing} is missing or empty. ${HOW_TO_STAGE}`,
      'definitive',
    );
  }
  const staged = parsePair(text, STAGED_ROWS);
  if (isSamePair(staged, livePair(text))) {
    throw new RotationFailure(
      'The staged pair is already the live pair. Make a new key in the Fiskil Console and stage that one.',
      'definitive',
    );
  }
  return staged;
}
