import { claimsOf } from './claims';
import { VendingError } from './errors';
import type { Pair } from './types';

/** A pair, and the Fiskil team that it must belong to, where the secret says one. */
export interface TeamPair extends Pair {
  readonly orgId?: string;
}

/** The reason of a refusal because of the team, for the log. It quotes neither of the two. */
export const WRONG_TEAM = 'the pair belongs to another Fiskil team than the row org_id says';

/** Whether a token is of the team that it must be of: `not asked` where the secret says none, `not told` where the token does. */
export type TeamCheck = 'right' | 'not asked' | 'not told';

/**
 * Checks the team that a pair's token names. Fiskil mints for any pair that is valid, so nothing else tells a key of the
 * sandbox in the secret of production. Throws `VendingError` with `credentials_rejected` where it is another one.
 */
export function checkTeam({ orgId }: TeamPair, token: string): TeamCheck {
  if (orgId === undefined) {
    return 'not asked';
  }
  const named = claimsOf(token).orgId;
  if (named === undefined) {
    return 'not told';
  }
  if (named !== orgId) {
    throw wrongTeam();
  }
  return 'right';
}

function wrongTeam(): VendingError {
  const detail =
    'The pair belongs to another Fiskil team than the row org_id says; check which team the key was made in, and correct the pair or the row.';
  return new VendingError('credentials_rejected', detail, undefined, WRONG_TEAM);
}
