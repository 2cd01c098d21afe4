import { PAUSE, PUBLISH_RESERVE, REFRESH_PATIENCE, REQUEST_BUDGET, SHORTEST_MINT } from './budgets';
import { type Decision, decideVend, type VendRequest } from './decide';
import type { Doors } from './engine';
import { StoreThrottled, VendingError } from './errors';
import { claimFor, failureError, type MintJob, type MintOutcome, mint, unlessThrottled } from './mint';
import { pauseBefore } from './pause';
import type { Cause, Failure, Lease, Token, VendingRecord } from './types';
import { type Source, type Vended, vendedFrom } from './vended';

/**
 * One call on its way to an answer: decide on the record, act, look again, until there is a token, a failure or no time left.
 * Every method may throw `VendingError`.
 */
export class Settlement {
  private readonly startedAt: number;
  private source: Source = 'memory';
  /** Whether this call has had its try at a fresher token, so that it now takes what there is. */
  private tried = false;
  private minted = false;
  private waited = false;
  /** Refused version → what AWSCURRENT was when that was looked up for it. */
  private readonly looked = new Map<string | undefined, string | undefined>();

  constructor(
    private readonly doors: Doors,
    private readonly request: VendRequest,
    private readonly cause: Cause,
  ) {
    this.startedAt = doors.clock.now();
  }

  /** The record from the table, or from memory where the table is asked too often and memory will do. */
  async look(): Promise<VendingRecord | undefined> {
    for (let looks = 0; ; looks++) {
      try {
        const record = await this.doors.store.read(this.request.credential);
        this.source = this.whence();
        return record;
      } catch (error) {
        if (!(error instanceof StoreThrottled)) {
          throw error;
        }
        const remembered = this.doors.store.recallAny(this.request.credential);
        const now = this.doors.clock.now();
        // A token that is due to be replaced is one to answer with all the same.
        const { action } = decideVend(remembered, now, this.request, { tried: true });
        if (action === 'serve' || action === 'refuse') {
          this.source = 'memory';
          return remembered;
        }
        await this.pause(looks);
      }
    }
  }

  /** Lets others go on; longer from one look to the next. */
  pause(looks: number): Promise<void> {
    return this.sleep(pauseBefore(looks, this.doors.chance.number()));
  }

  /** Ends the call with a token, beginning with this record; and with a mint where the call holds the lease already. */
  async settle(first: VendingRecord | undefined, held?: Lease): Promise<Vended> {
    try {
      const record = held ? await this.mint(first, held) : first;
      return await this.decideUntilServed(record, first?.failure);
    } finally {
      if (this.waited) {
        const { credential } = this.request;
        this.doors.observe({ kind: 'waited', credential, durationMs: this.doors.clock.now() - this.startedAt });
      }
    }
  }

  private async decideUntilServed(first: VendingRecord | undefined, failureBefore?: Failure): Promise<Vended> {
    let record = first;
    for (let looks = 0; ; looks++) {
      const now = this.doors.clock.now();
      const decision = decideVend(record, now, this.request, {
        failureBefore,
        tried: this.tried,
        secretVersion: this.looked.get(record?.failure?.secretVersion),
        unconfiguredUntil: this.doors.pairs.unconfiguredUntil(this.request.credential),
      });
      switch (decision.action) {
        case 'serve':
          // Past the deadline there is no time for the mark; the next vend makes it.
          if (decision.token.vended || now >= this.deadline) {
            return vendedFrom(record, decision.token, this.source, now);
          }
          record = await this.markVended(decision.token);
          break;
        case 'refresh':
          record = await this.refresh(record, now);
          break;
        case 'mint':
          record = await this.claimAndMint(record, now, looks);
          break;
        case 'wait':
          this.waited = true;
          await this.sleep(this.pauseFor(decision, looks, now));
          record = await this.look();
          break;
        case 'fail':
          record = await this.lookIfReplaced(decision.failure, now);
          break;
        case 'refuse':
          throw new VendingError(
            'min_ttl_unattainable',
            `min_ttl can be at most ${decision.attainable}: two thirds of the life that Fiskil gives its tokens.`,
          );
      }
    }
  }

  /** Tries for a fresher token while there is one to go on with: the winner of the lease waits a little, a loser not at all. */
  private async refresh(record: VendingRecord | undefined, now: number): Promise<VendingRecord | undefined> {
    this.tried = true;
    if (this.isTooLate(now)) {
      return record;
    }
    const claim = claimFor(this.doors, record, now);
    const written = await unlessThrottled(this.doors.store.acquire(this.request.credential, claim));
    // What this environment learnt while it waited, a rejection above all, is newer than the record that it began with;
    // unless it was frozen meanwhile.
    const latest = async () => this.doors.store.recall(this.request.credential) ?? (await this.look());
    if (written === 'throttled' || !written.done) {
      return written === 'throttled' ? latest() : written.record;
    }
    // What is still under way then goes on, and is published or fenced out; only this caller stops waiting for it.
    const outcome = await Promise.race([
      mint(this.doors, this.jobFor(written.record, claim.lease)),
      this.doors.clock.sleep(REFRESH_PATIENCE),
    ]);
    if (!outcome?.record?.token) {
      return latest();
    }
    this.noteMint(outcome.record, claim.lease);
    return outcome.record;
  }

  private async claimAndMint(
    record: VendingRecord | undefined,
    now: number,
    looks: number,
  ): Promise<VendingRecord | undefined> {
    if (this.minted) {
      throw new VendingError('upstream_unavailable', 'Fiskil was too slow to leave the life that was asked for.', 1);
    }
    this.requireTime();
    const claim = claimFor(this.doors, record, now);
    const written = await unlessThrottled(this.doors.store.acquire(this.request.credential, claim));
    if (written === 'throttled') {
      await this.pause(looks);
      return this.look();
    }
    return written.done ? this.mint(written.record, claim.lease) : written.record;
  }

  private async mint(record: VendingRecord | undefined, lease: Lease): Promise<VendingRecord | undefined> {
    this.waited = true;
    // The write that took the lease can have taken the time as well, and reading the secret takes 3 s at worst.
    if (this.isTooLate(this.doors.clock.now())) {
      await this.doors.store.release(this.request.credential, lease.id).catch(() => undefined);
      throw pending();
    }
    const outcome: MintOutcome = await mint(this.doors, this.jobFor(record, lease));
    if (outcome.error) {
      throw outcome.error;
    }
    this.noteMint(outcome.record, lease);
    return outcome.record;
  }

  private noteMint(record: VendingRecord | undefined, lease: Lease): void {
    this.minted = record?.tokenId === lease.id;
    this.source = this.minted ? 'mint' : this.whence();
  }

  /** Where a record comes from that a door to the table just gave. */
  private whence(): Source {
    return this.doors.store.isCutOff() ? 'memory' : 'table';
  }

  private jobFor(record: VendingRecord | undefined, lease: Lease): MintJob {
    return { credential: this.request.credential, cause: this.cause, lease, record, deadline: this.deadline };
  }

  /** Before it leaves the house, so that no token is in use that the tick takes for unused. */
  private async markVended(token: Token): Promise<VendingRecord | undefined> {
    const written = await unlessThrottled(this.doors.store.mark(this.request.credential, token.id, 'vended'));
    if (written !== 'throttled') {
      return written.record;
    }
    // The next vend marks it. What was learnt meanwhile is heeded all the same.
    const latest = this.doors.store.recallAny(this.request.credential);
    return latest?.token && { ...latest, token: { ...latest.token, vended: true } };
  }

  /** A refused pair is believed for a minute, unless the secret has been changed since. */
  private async lookIfReplaced(failure: Failure, now: number): Promise<VendingRecord | undefined> {
    const refused = failure.secretVersion;
    if (failure.code === 'credentials_rejected' && !this.isTooLate(now)) {
      const current = await this.doors.pairs.version(this.request.credential, refused);
      this.looked.set(refused, current);
      if (current !== undefined && current !== refused) {
        this.requireTime();
        // Others saw the change as well, and may have found by now that the new pair is refused too.
        return this.look();
      }
    }
    throw failureError(failure, now);
  }

  private pauseFor(wait: Extract<Decision, { action: 'wait' }>, looks: number, now: number): number {
    const chance = this.doors.chance.number();
    // All who wait for the same instant should not ask in the same instant.
    const untilThen = wait.until - now + 1 + chance * PAUSE.first;
    return wait.poll ? Math.min(pauseBefore(looks, chance), untilThen) : untilThen;
  }

  private async sleep(ms: number): Promise<void> {
    const left = this.deadline - this.doors.clock.now();
    if (left <= 0) {
      throw pending();
    }
    await this.doors.clock.sleep(Math.min(ms, left));
  }

  /** Ends the call where there is no time left to take a lease and mint. */
  requireTime(): void {
    if (this.isTooLate(this.doors.clock.now())) {
      throw pending();
    }
  }

  private isTooLate(now: number): boolean {
    return this.deadline - now < SHORTEST_MINT + PUBLISH_RESERVE;
  }

  private get deadline(): number {
    return this.startedAt + REQUEST_BUDGET;
  }
}

function pending(): VendingError {
  return new VendingError('token_pending', 'No token is there yet; ask again.', 1);
}
