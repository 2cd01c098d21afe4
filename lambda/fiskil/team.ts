import { WrongTeam } from '../vending/errors';
import type { Pair } from '../vending/types';
import { claimsOf } from './claims';

/** Whether a token belongs to the right team: `not asked` if the secret names no team, `not told` if the token names none. */
export type TeamCheck = 'right' | 'not asked' | 'not told';

/** Checks the team that a pair's token names. Fiskil mints for any valid pair, so nothing else shows that the production secret contains a sandbox
 * key. Throws `WrongTeam` if it is another team.
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
