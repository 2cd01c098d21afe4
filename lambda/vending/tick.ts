import type { VendingRecord } from '../record/types';
import { MINT_BUDGET, REQUEST_BUDGET } from './budgets';
import type { Context } from './context';
import { decideTick } from './decide';
import { asVendingError, VendingError } from './errors';
import { mint, takeLease } from './mint';
import type { KnownPair } from './pairs';
import { usableToken } from './windows';

/**
 * The scheduled round over all credentials: replaces tokens that grow old while they are in use, and takes over a
 * rotated secret. Never throws; one credential's failure never stops the others.
 */
export async function tick(context: Context, credentials: readonly string[]): Promise<void> {
  await Promise.all(credentials.map((credential) => tickOne(context, credential)));
}

async function tickOne(context: Context, credential: string): Promise<void> {
  const startedAt = context.clock.now();
  let pair: KnownPair | undefined;
  const tellFailure = ({ fields }: VendingError) => context.observe({ kind: 'tick_failed', credential, ...fields });
  try {
    // The secret first: it can take 3 s to read, and the record that is decided on should not be that old.
    pair = await configuredPair(context, credential);
    if (pair?.away) {
      // It goes on, but a change of the secret goes unseen, and the next environment knows no pair.
      tellFailure(pair.away);
    }
    if (pair) {
      await renew(context, credential, await context.store.read(credential), pair, startedAt + REQUEST_BUDGET);
    }
  } catch (error) {
    tellFailure(asVendingError(error));
  }
  const age = pair?.createdAt === undefined ? {} : { secretAgeMs: context.clock.now() - pair.createdAt };
  context.observe({ kind: 'ticked', credential, ...age });
}

/** The current pair; undefined where nobody has set this credential up yet, which is nothing wrong. */
async function configuredPair(context: Context, credential: string): Promise<KnownPair | undefined> {
  return context.pairs.current(credential).catch(async (error: unknown) => {
    const isUnconfigured = error instanceof VendingError && error.code === 'credential_not_configured';
    if (isUnconfigured && !usableToken(await context.store.read(credential), context.clock.now())) {
      return undefined;
    }
    throw error;
  });
}

async function renew(
  context: Context,
  credential: string,
  first: VendingRecord | undefined,
  pair: KnownPair,
  until: number,
): Promise<void> {
  let record = first;
  let decision = decideTick(record, context.clock.now(), pair.away ? undefined : pair.version);
  if (decision.action === 'compare' && (await context.pairs.isPairOf(credential, decision.token, pair))) {
    record = (await context.store.mark(credential, decision.token.id, { secretVersion: pair.version })).record;
    // The token may be old as well. One that another environment put there meanwhile is the next tick's.
    decision = decideTick(record, context.clock.now(), pair.version);
    if (decision.action === 'compare') {
      return;
    }
  }
  if (decision.action === 'nothing') {
    return;
  }
  const deadline = Math.min(context.clock.now() + MINT_BUDGET, until);
  const job = { credential, cause: 'tick', pair, deadline } as const;
  const held = await takeLease(context, job, record);
  if (held) {
    await mint(context, job, held);
  }
}
