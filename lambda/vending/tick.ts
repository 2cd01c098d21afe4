import type { VendingRecord } from '../record/types';
import { MINT_BUDGET, REQUEST_BUDGET } from './budgets';
import type { Context } from './context';
import { decideTick } from './decide';
import { asVendingError, VendingError } from './errors';
import { mint, takeLease } from './mint';
import type { KnownPair } from './pairs';
import { usableToken } from './windows';

/** The scheduled run over all credentials. It replaces old tokens that are in use, and mints with a changed secret. Never throws. A failure of one
 * credential never stops the others.
 */
export async function tick(context: Context, credentials: readonly string[]): Promise<void> {
  await Promise.all(credentials.map((credential) => tickOne(context, credential)));
}

async function tickOne(context: Context, credential: string): Promise<void> {
  const startedAt = context.clock.now();
  let pair: KnownPair | undefined;
  const tellFailure = ({ fields }: VendingError) => context.observe({ kind: 'tick_failed', credential, ...fields });
  try {
    // Reads the secret first, because that can take 3 s. The record should be fresh for the decision.
    pair = await configuredPair(context, credential);
    if (pair?.away) {
      // The tick continues. But nobody notices a change of the secret, and a new environment knows no pair.
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

/** The current pair; undefined if nobody has set up this credential yet. That is not a failure. */
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
    // The token may be old as well. If it has changed meanwhile, it is left to the next tick.
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
