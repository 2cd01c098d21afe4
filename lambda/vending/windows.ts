import type { Token, VendingRecord } from '../record/types';

/** When a token counts as usable, as old, or as due for replacement. Windows are fractions of the token's own life and never constants, because two
 * well-known products broke on 10- and 15-minute tokens. All times are in milliseconds.
 */

/** We assume that a machine's clock is right within 2 s. One may be 2 s late while another is 2 s early. */
export const CLOCK_MARGIN = 4_000;

/** A token with less life than this is not vended: a caller needs the time to use it. */
const FLOOR = 5_000;

/** With a life below a minute, margin and floor would take too much of it. So together they are a fifth of that life. */
const SHORT_LIFE = 60_000;
const SHORT_LIFE_SHARE = 1 / 5;

/** Fiskil documents 900 s, and 3600 s on one page. More than a day is a mistake. */
export const LONGEST_LIFE = 86_400_000;

/** A caller that states no `min_ttl` would like this much, or a fifteenth of the token's life if that is less. */
const PREFERRED_LIFE = 60_000;
const PREFERRED_SHARE = 1 / 15;

/** The tick replaces a vended token that has less than a third of its life left. */
const TICK_SHARE = 1 / 3;

/** The tick runs every minute, so a third of the life must be at least as long. Callers mint tokens of shorter lives. */
const SHORTEST_LIFE_FOR_TICK = 3 * 60_000;

/** If ticks fail, a caller replaces the token when a fifth of its life is left. */
const CALLER_SHARE = 1 / 5;

/** A caller cannot ask for more than this share of a full life, because each call would then be a mint. */
const ATTAINABLE_SHARE = 2 / 3;

/** How long the token lives from mint to expiry. */
export function fullLife(token: Token): number {
  return (token.expiresAt - token.issuedAt) * 1_000;
}

function marginAndFloor(token: Token): { margin: number; floor: number } {
  const life = fullLife(token);
  if (life >= SHORT_LIFE) {
    return { margin: CLOCK_MARGIN, floor: FLOOR };
  }
  const scale = (life * SHORT_LIFE_SHARE) / (CLOCK_MARGIN + FLOOR);
  return { margin: CLOCK_MARGIN * scale, floor: FLOOR * scale };
}

/** The time until the token expires, by Fiskil's answer. */
export function untilExpiry(token: Token, now: number): number {
  return token.expiresAt * 1_000 - now;
}

/** The life that the function can promise to a caller, whose clock may differ. */
export function promisedLife(token: Token, now: number): number {
  return untilExpiry(token, now) - marginAndFloor(token).margin;
}

/** The record's token, if it may still be vended to somebody. */
export function usableToken(record: VendingRecord | undefined, now: number): Token | undefined {
  const token = record?.token;
  return token && !isSpent(token, now) ? token : undefined;
}

/** For how long the record's token may still be vended; 0 for none. */
export function usableFor(record: VendingRecord | undefined, now: number): number {
  const token = usableToken(record, now);
  return token ? promisedLife(token, now) - marginAndFloor(token).floor : 0;
}

/** The least life of a token for a caller that asked for `minTtl` seconds, or for nothing. */
export function requiredLife(token: Token, minTtl: number | undefined): number {
  return Math.max((minTtl ?? 0) * 1_000, marginAndFloor(token).floor);
}

/** Whether the token has too little life left for any caller. */
export function isSpent(token: Token, now: number): boolean {
  return promisedLife(token, now) < marginAndFloor(token).floor;
}

/** The life that a caller would like: what it asked for, or the preferred life. If memory has less, the call also reads the table. */
export function wantedLife(token: Token, minTtl: number | undefined): number {
  const preferred = Math.min(PREFERRED_LIFE, fullLife(token) * PREFERRED_SHARE);
  return minTtl === undefined ? preferred : requiredLife(token, minTtl);
}

/** The largest `min_ttl`, in whole seconds, for tokens like this one. */
export function attainableTtl(token: Token): number {
  return Math.floor((fullLife(token) * ATTAINABLE_SHARE) / 1_000);
}

/** Whether a caller should try to replace the token. */
export function isDueForCaller(token: Token, now: number): boolean {
  return untilExpiry(token, now) < fullLife(token) * CALLER_SHARE;
}

/** Whether the tick should replace the token. */
export function isDueForTick(token: Token, now: number): boolean {
  return (
    token.vended && fullLife(token) >= SHORTEST_LIFE_FOR_TICK && untilExpiry(token, now) < fullLife(token) * TICK_SHARE
  );
}
