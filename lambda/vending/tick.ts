import { MINT_BUDGET, REQUEST_BUDGET } from './budgets';
import { decideTick } from './decide';
import type { Doors } from './engine';
import { asVendingError, VendingError } from './errors';
import { claimFor, mint, unlessThrottled } from './mint';
import type { KnownPair } from './pairs';
import type { VendingRecord } from './types';
import { usableToken } from './windows';

/**
 * The scheduled round over all credentials: replaces tokens that grow old while they are in use, and takes over a
 * rotated secret. Never throws; one credential's failure never stops the others.
 */
export async function tick(doors: Doors, credentials: readonly string[]): Promise<void> {
  await Promise.all(credentials.map((credential) => tickOne(doors, credential)));
}

async function tickOne(doors: Doors, credential: string): Promise<void> {
  const startedAt = doors.clock.now();
  let pair: KnownPair | undefined;
  const tellFailure = ({ code, reason, cause: thrown }: VendingError) =>
    doors.observe({ kind: 'tick_failed', credential, code, reason, thrown });
  try {
    // The secret first: it can take 3 s to read, and the record that is decided on should not be that old.
    pair = await configuredPair(doors, credential);
    if (pair?.away) {
      // It goes on, but a change of the secret goes unseen, and the next environment knows no pair.
      tellFailure(pair.away);
    }
    if (pair) {
      await renew(doors, credential, await doors.store.read(credential), pair, startedAt + REQUEST_BUDGET);
    }
  } catch (error) {
    tellFailure(asVendingError(error));
  }
  const age = pair?.createdAt === undefined ? {} : { secretAgeMs: doors.clock.now() - pair.createdAt };
  doors.observe({ kind: 'ticked', credential, ...age });
}

/** The current pair; undefined where nobody has set this credential up yet, which is nothing wrong. */
async function configuredPair(doors: Doors, credential: string): Promise<KnownPair | undefined> {
  return doors.pairs.current(credential).catch(async (error: unknown) => {
    const isUnconfigured = error instanceof VendingError && error.code === 'credential_not_configured';
    if (isUnconfigured && !usableToken(await doors.store.read(credential), doors.clock.now())) {
      return undefined;
    }
    throw error;
  });
}

async function renew(
  doors: Doors,
  credential: string,
  first: VendingRecord | undefined,
  pair: KnownPair,
  until: number,
): Promise<void> {
  let record = first;
  let decision = decideTick(record, doors.clock.now(), pair.away ? undefined : pair.version);
  if (decision.action === 'compare' && (await doors.pairs.isPairOf(credential, decision.token.secretVersion, pair))) {
    record = (await doors.store.mark(credential, decision.token.id, { secretVersion: pair.version })).record;
    // The token may be old as well. One that another environment put there meanwhile is the next tick's.
    decision = decideTick(record, doors.clock.now(), pair.version);
    if (decision.action === 'compare') {
      return;
    }
  }
  if (decision.action === 'nothing') {
    return;
  }
  const startedAt = doors.clock.now();
  const claim = claimFor(doors, record, startedAt);
  const written = await unlessThrottled(doors.store.acquire(credential, claim));
  if (written !== 'throttled' && written.done) {
    const deadline = Math.min(startedAt + MINT_BUDGET, until);
    await mint(doors, { credential, cause: 'tick', pair, lease: claim.lease, record: written.record, deadline });
  }
}
