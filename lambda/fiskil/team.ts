import { WrongTeam } from '../vending/errors';
import type { Pair } from '../vending/types';
import { claimsOf } from './claims';

/** Whether a token is of the team that it must be of: `not asked` where the secret says none, `not told` where the token does. */
export type TeamCheck = 'right' | 'not asked' | 'not told';

/**
 * Checks the team that a pair's token names. Fiskil mints for any pair that is valid, so nothing else tells a key of the
 * sandbox in the secret of production. Throws `WrongTeam` where it is another one.
 */
export function checkTeam({ orgId }: Pair, token: string): TeamCheck {
  if (orgId === undefined) {
    return 'not asked';
  }
  const named = claimsOf(token).orgId;
  if (named === undefined) {
    return 'not told';
  }
  if (named !== orgId) {
    throw new WrongTeam();
  }
  return 'right';
}
