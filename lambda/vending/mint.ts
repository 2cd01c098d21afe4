import { nextFailure } from './backoff';
import { LEASE_TIME, MINT_BUDGET, PUBLISH_RESERVE, RELEASE_TIME } from './budgets';
import type { Doors } from './engine';
import { asVendingError, isFailureCode, mintFailure, StoreThrottled, VendingError } from './errors';
import { pauseBefore } from './pause';
import { sha256 } from './sha256';
import type { Cause, Claim, Failure, Lease, Token, VendingRecord, VersionedPair, Written } from './types';
import { isSpent, usableFor } from './windows';

/** A mint to do under a lease that is held. */
export interface MintJob {
  readonly credential: string;
  readonly cause: Cause;
  readonly lease: Lease;
  /** The record with which the lease was taken. */
  readonly record: VendingRecord | undefined;
  /** The pair to mint with, where it was read just now. */
  readonly pair?: VersionedPair;
  /** Epoch milliseconds by which the token must have been published. */
  readonly deadline: number;
}

/** What came of a mint: the record as it stands then, or the error to answer with where there is no token. */
export type MintOutcome = { readonly record: VendingRecord | undefined; readonly error?: VendingError };

/** The claim to a mint of which the decision was made on this record at `now`. */
export function claimFor(doors: Doors, record: VendingRecord | undefined, now: number): Claim {
  return {
    lease: { id: doors.chance.id(), until: now + LEASE_TIME },
    now,
    tokenId: record?.tokenId,
    retryAt: record?.failure?.retryAt,
    dropToken: record?.token !== undefined && isSpent(record.token, now),
  };
}

/** A throttled write is a lost race, of which nothing is learnt. */
export async function unlessThrottled(write: Promise<Written>): Promise<Written | 'throttled'> {
  return write.catch((error: unknown) => {
    if (error instanceof StoreThrottled) {
      return 'throttled';
    }
    throw error;
  });
}

/** Mints and publishes, or remembers why not. Never throws for a failure of anything outside. */
export async function mint(doors: Doors, job: MintJob): Promise<MintOutcome> {
  const startedAt = doors.clock.now();
  let { pair } = job;
  try {
    pair ??= await doors.pairs.current(job.credential);
    const token = await askFiskil(doors, job, pair, startedAt);
    const written = await publish(doors, job, token);
    if (written.done) {
      doors.observe({
        kind: 'minted',
        credential: job.credential,
        cause: job.cause,
        durationMs: doors.clock.now() - startedAt,
        expiresAt: token.expiresAt,
        tokenSha256: sha256(token.value),
        secretVersion: token.secretVersion,
      });
    } else if (written.record?.lease?.id === job.lease.id) {
      // Still the holder, and yet refused: while the mint was under way, somebody rejected this very string.
      throw sameString();
    } else {
      doors.observe({ kind: 'mint_superseded', credential: job.credential, cause: job.cause });
    }
    return { record: written.record };
  } catch (error) {
    return fail(doors, job, startedAt, pair?.version, error);
  }
}

async function askFiskil(
  doors: Doors,
  job: MintJob,
  { pair, version }: VersionedPair,
  startedAt: number,
): Promise<Token> {
  const sentAt = doors.clock.now();
  const end = Math.min(startedAt + MINT_BUDGET, job.deadline - PUBLISH_RESERVE);
  if (end <= sentAt) {
    // Reading the secret took it all. A request that nobody can wait for might cost a token.
    throw new VendingError('token_pending', 'No time was left to ask Fiskil; ask again.', 1, 'no time left');
  }
  const minted = await doors.minter.mint(pair, end - sentAt);
  const issuedAt = Math.floor(sentAt / 1_000);
  const token: Token = {
    value: minted.token,
    clientId: pair.clientId,
    issuedAt,
    expiresAt: issuedAt + minted.expiresIn,
    id: job.lease.id,
    secretVersion: version,
    vended: job.cause !== 'tick',
    rejected: false,
  };
  if (isSpent(token, doors.clock.now())) {
    throw mintFailure('upstream_unavailable', 'no life left on arrival');
  }
  if (doors.store.isRejected(token.value)) {
    throw sameString();
  }
  return token;
}

function sameString(): VendingError {
  return mintFailure('invalid_upstream_answer', 'the rejected token was handed out again');
}

/** A token in hand is worth more than one try at a table that is asked too often. */
async function publish(doors: Doors, job: MintJob, token: Token): Promise<Written> {
  for (let tries = 0; ; tries++) {
    const written = await unlessThrottled(doors.store.publish(job.credential, job.lease.id, token));
    if (written !== 'throttled') {
      return written;
    }
    const pause = pauseBefore(tries, doors.chance.number());
    if (doors.clock.now() + pause > job.deadline) {
      // It was really issued: the one who waits gets it, though nobody else does.
      return { done: true, record: { tokenId: token.id, token } };
    }
    await doors.clock.sleep(pause);
  }
}

async function fail(
  doors: Doors,
  job: MintJob,
  startedAt: number,
  secretVersion: string | undefined,
  thrown: unknown,
): Promise<MintOutcome> {
  const error = asVendingError(thrown);
  const now = doors.clock.now();
  doors.observe({
    kind: 'mint_failed',
    credential: job.credential,
    cause: job.cause,
    durationMs: now - startedAt,
    code: error.code,
    reason: error.reason,
    thrown: error.cause,
  });
  const failure = isFailureCode(error.code)
    ? nextFailure(
        job.record?.failure,
        { code: error.code, retryAfter: error.retryAfter, secretVersion, usableFor: usableFor(job.record, now) },
        now,
        doors.chance.number(),
      )
    : undefined;
  // Past its own lease this environment was frozen: what it saw is not how Fiskil is now.
  const written = await release(doors, job, now <= job.lease.until ? failure : undefined);
  return { record: written?.record, error: failure ? failureError(failure, now) : error };
}

/** Not worth waiting for when the time is up: the lease ends by itself. */
async function release(doors: Doors, job: MintJob, failure: Failure | undefined): Promise<Written | undefined> {
  const released = doors.store.release(job.credential, job.lease.id, failure).catch(() => undefined);
  const left = job.deadline + PUBLISH_RESERVE - doors.clock.now();
  return left > RELEASE_TIME ? released : Promise.race([released, doors.clock.sleep(left).then(() => undefined)]);
}

/** The error to answer with while a failure is in force. */
export function failureError(failure: Failure, now: number): VendingError {
  const seconds = Math.max(1, Math.ceil((failure.retryAt - now) / 1_000));
  return mintFailure(failure.code, undefined, seconds);
}
