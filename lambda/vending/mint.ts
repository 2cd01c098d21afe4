import { checkTeam } from '../fiskil/team';
import { unlessThrottled } from '../record/store-errors';
import type { Failure, Lease, Token, VendingRecord, Written } from '../record/types';
import { sha256 } from '../sha256';
import { nextFailure } from './backoff';
import { LEASE_TIME, MINT_BUDGET, PUBLISH_RESERVE } from './budgets';
import type { Context } from './context';
import { asVendingError, isFailureCode, mintFailure, VendingError, WrongTeam } from './errors';
import { pauseBefore } from './pause';
import type { Cause, VersionedPair } from './types';
import { isSpent, usableFor } from './windows';

/** What a mint is for. */
export interface MintJob {
  readonly credential: string;
  readonly cause: Cause;
  /** SHA-256 of the token that Fiskil refused, if a rejection is the cause. */
  readonly rejectedSha256?: string | undefined;
  /** The pair to mint with, if the job has just read it. */
  readonly pair?: VersionedPair;
  /** Epoch milliseconds by which the token must have been published. */
  readonly deadline: number;
}

/** The record with the lease that was just taken. */
export type HeldLease = VendingRecord & { readonly lease: Lease };

/** The result of a mint: the record after it, or the error to answer with if there is no token. */
export type MintOutcome = { readonly record: VendingRecord | undefined; readonly error?: VendingError };

/** Takes the lease for a mint that was decided on this record; undefined if another call was faster or the table throttles. */
export async function takeLease(
  context: Context,
  { credential, cause }: Pick<MintJob, 'credential' | 'cause'>,
  seen: VendingRecord | undefined,
  isForced = false,
): Promise<HeldLease | undefined> {
  const now = context.clock.now();
  const lease = { id: context.chance.id(), until: now + LEASE_TIME };
  const claim = {
    lease,
    now,
    seen,
    dropToken: !seen?.token || isSpent(seen.token, now),
    forcedAt: isForced ? Math.floor(now / 1_000) : undefined,
  };
  const written = await unlessThrottled(context.store.acquire(credential, claim));
  if (written?.answer.done) {
    return { ...written.answer.record, lease };
  }
  context.observe({ kind: 'lease_not_taken', credential, cause, reason: written ? 'changed' : 'throttled' });
  return undefined;
}

/** Mints and publishes, or stores the failure. Never throws: an error becomes the outcome. */
export async function mint(context: Context, job: MintJob, held: HeldLease): Promise<MintOutcome> {
  const { credential, cause } = job;
  const startedAt = context.clock.now();
  let { pair } = job;
  try {
    pair ??= await context.pairs.current(credential);
    const token = await askFiskil(context, job, held, pair, startedAt);
    const { done, record } = await publish(context, job, token);
    if (done) {
      context.observe({
        kind: 'minted',
        credential,
        cause,
        durationMs: context.clock.now() - startedAt,
        expiresAt: token.expiresAt,
        tokenSha256: sha256(token.value),
        secretVersion: token.secretVersion,
      });
    } else {
      context.observe({ kind: 'mint_superseded', credential, cause });
    }
    return { record };
  } catch (error) {
    return rememberFailure(context, job, held, startedAt, pair?.version, error);
  }
}

async function askFiskil(
  context: Context,
  job: MintJob,
  held: HeldLease,
  { pair, version }: VersionedPair,
  startedAt: number,
): Promise<Token> {
  const sentAt = context.clock.now();
  const end = Math.min(startedAt + MINT_BUDGET, job.deadline - PUBLISH_RESERVE);
  if (end <= sentAt) {
    // Reading the secret took all of the time. A request to Fiskil now might waste a token.
    throw new VendingError('token_pending', 'There was no time left to ask Fiskil; try again.', 1, 'no time left');
  }
  const minted = await context.minter.mint(pair, end - sentAt);
  if (checkTeam(pair, minted.token) === 'not told') {
    context.observe({ kind: 'team_not_told', credential: job.credential, cause: job.cause });
  }
  if (sha256(minted.token) === job.rejectedSha256) {
    throw mintFailure('invalid_upstream_answer', 'the rejected token was handed out again');
  }
  if (minted.token === held.token?.value) {
    // Its life began when it was first issued, so nothing is gained. The next try waits for the backoff.
    throw mintFailure('upstream_unavailable', 'the stored token was handed out again');
  }
  const issuedAt = Math.floor(sentAt / 1_000);
  const token: Token = {
    value: minted.token,
    clientId: pair.clientId,
    issuedAt,
    expiresAt: issuedAt + minted.expiresIn,
    id: held.lease.id,
    secretVersion: version,
    vended: job.cause !== 'tick',
  };
  if (isSpent(token, context.clock.now())) {
    throw mintFailure('upstream_unavailable', 'no life left on arrival');
  }
  return token;
}

/** Repeats while the table throttles, because a minted token is worth more than one try. */
async function publish(context: Context, job: MintJob, token: Token): Promise<Written> {
  for (let tries = 0; ; tries++) {
    const answer = context.store.publish(job.credential, token.id, token);
    const written = await unlessThrottled(
      // If there is no record, TTL has deleted it together with the lease.
      answer.then((it) => (it.done || it.record ? it : context.store.create(job.credential, token))),
    );
    if (written) {
      const { done, record } = written.answer;
      // An earlier try may have succeeded although its answer was lost.
      return { done: done || record?.tokenId === token.id, record };
    }
    const pause = pauseBefore(tries, context.chance.number());
    if (context.clock.now() + pause > job.deadline) {
      // Fiskil did issue this token. The waiting caller gets it, although it could not be stored for others.
      return { done: true, record: { tokenId: token.id, token } };
    }
    await context.clock.sleep(pause);
  }
}

async function rememberFailure(
  context: Context,
  job: MintJob,
  held: HeldLease,
  startedAt: number,
  secretVersion: string | undefined,
  thrown: unknown,
): Promise<MintOutcome> {
  const error = asVendingError(thrown);
  const now = context.clock.now();
  const { credential, cause } = job;
  context.observe({ kind: 'mint_failed', credential, cause, durationMs: now - startedAt, ...error.fields });
  const failure = isFailureCode(error.code)
    ? nextFailure(
        held.failure,
        {
          code: error.code,
          retryAfter: error.retryAfter,
          secretVersion,
          reason: error instanceof WrongTeam ? 'wrong_team' : undefined,
          usableFor: usableFor(held, now),
        },
        now,
        context.chance.number(),
      )
    : undefined;
  // If the lease has ended, this environment was frozen and the failure is too old to store.
  const stored = now <= held.lease.until ? failure : undefined;
  // If this write fails, the lease ends by itself.
  const written = await context.store.release(credential, held.lease.id, stored).catch(() => undefined);
  return { record: written?.record, error: failure ? failureError(failure, now) : error };
}

/** The error to answer with while a failure is in force. */
export function failureError(failure: Failure, now: number): VendingError {
  const seconds = Math.max(1, Math.ceil((failure.retryAt - now) / 1_000));
  return failure.reason === 'wrong_team' ? new WrongTeam(seconds) : mintFailure(failure.code, undefined, seconds);
}
