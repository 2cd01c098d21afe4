import { unlessThrottled } from '../record/store-errors';
import type { Failure, Token, VendingRecord } from '../record/types';
import { PAUSE, PUBLISH_RESERVE, REFRESH_PATIENCE, REQUEST_BUDGET, SHORTEST_MINT } from './budgets';
import type { Context } from './context';
import { type Decision, decideVend, type VendRequest } from './decide';
import { VendingError } from './errors';
import { failureError, type HeldLease, type MintJob, mint, takeLease } from './mint';
import { pauseBefore } from './pause';
import { type Source, type Vended, vendedFrom } from './vended';
import { promisedLife, wantedLife } from './windows';

/** One vend or rejection. Memory answers a vend if it can. Otherwise the call decides on the record, acts, and looks again, until there is a token, a
 * failure or no time left.
 */
export class VendCall {
  private readonly job: MintJob;
  private readonly startedAt: number;
  private source: Source = 'memory';
  /** Whether this call has already tried to get a fresher token. Then it takes the stored one. */
  private hasTriedRefresh = false;
  private hasMinted = false;
  private hasWaited = false;
  /** The token that this call tried to mark as vended. */
  private triedMark: string | undefined;
  /** A refused version of the secret that is no longer AWSCURRENT. */
  private replacedVersion: string | undefined;

  constructor(
    private readonly context: Context,
    private readonly request: VendRequest,
  ) {
    this.startedAt = context.clock.now();
    const { credential, rejectedSha256 } = request;
    const cause = rejectedSha256 === undefined ? 'vend' : 'rejection';
    this.job = { credential, cause, rejectedSha256, deadline: this.startedAt + REQUEST_BUDGET };
  }

  /** Throws `VendingError`. */
  async answer(): Promise<Vended> {
    try {
      return this.fromMemory() ?? (await this.decideUntilServed());
    } finally {
      if (this.hasWaited) {
        const { credential } = this.job;
        this.context.observe({ kind: 'waited', credential, durationMs: this.context.clock.now() - this.startedAt });
      }
    }
  }

  private fromMemory(): Vended | undefined {
    if (this.job.cause === 'rejection') {
      return undefined;
    }
    const { credential, minTtl } = this.request;
    const remembered = this.context.store.recall(credential);
    const decision = decideVend(remembered, this.startedAt, this.request);
    if (decision.action !== 'serve' || !decision.token.vended) {
      return undefined;
    }
    const { token } = decision;
    // If the token has less life than the caller would like, the table may have a better one now.
    return promisedLife(token, this.startedAt) >= wantedLife(token, minTtl)
      ? vendedFrom(remembered, token, 'memory', this.startedAt)
      : undefined;
  }

  private async decideUntilServed(): Promise<Vended> {
    let record = await this.look();
    const failureBefore = record?.failure;
    for (let looks = 0; ; looks++) {
      const now = this.context.clock.now();
      const decision = decideVend(record, now, this.request, {
        failureBefore,
        hasTriedRefresh: this.hasTriedRefresh,
        replacedVersion: this.replacedVersion,
        unconfiguredUntil: this.context.pairs.unconfiguredUntil(this.job.credential),
      });
      switch (decision.action) {
        case 'serve':
          // After the deadline there is no time for the mark. The next vend sets it.
          if (decision.token.vended || this.triedMark === decision.token.id || now >= this.job.deadline) {
            return vendedFrom(record, decision.token, this.source, now);
          }
          record = await this.markVended(record, decision.token);
          break;
        case 'refresh':
          record = await this.refresh(record, now);
          break;
        case 'mint':
          record = await this.mint(record, looks, decision.isForced);
          break;
        case 'wait':
          this.hasWaited = true;
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
        case 'too_soon':
          throw new VendingError(
            'rejection_too_soon',
            'A replacement was forced less than 30 seconds ago; keep the token that you have.',
            Math.max(1, Math.ceil((decision.until - now) / 1_000)),
          );
      }
    }
  }

  /** The record from the table. If the table throttles, a vend may answer from memory; a rejection never does. */
  private async look(): Promise<VendingRecord | undefined> {
    for (let looks = 0; ; looks++) {
      const read = await unlessThrottled(this.context.store.read(this.job.credential));
      if (read) {
        this.source = this.currentSource();
        return read.answer;
      }
      const remembered = this.context.store.recall(this.job.credential, true);
      if (this.job.cause === 'vend' && this.isAnswered(remembered)) {
        this.source = 'memory';
        // A write to a table that throttles its reads is one more call to it.
        this.hasTriedRefresh = true;
        return remembered;
      }
      await this.pause(looks);
    }
  }

  /** Whether this record is enough to answer with. A token that is due for replacement is enough. */
  private isAnswered(record: VendingRecord | undefined): boolean {
    const { action } = decideVend(record, this.context.clock.now(), this.request, { hasTriedRefresh: true });
    return action === 'serve' || action === 'refuse';
  }

  /** Tries to get a fresher token while there is a usable one. The winner of the lease waits a little, a loser not at all. */
  private async refresh(record: VendingRecord | undefined, now: number): Promise<VendingRecord | undefined> {
    this.hasTriedRefresh = true;
    if (this.isTooLate(now)) {
      return record;
    }
    const held = await takeLease(this.context, this.job, record);
    // A mint that takes longer continues. It publishes its token, or the lease's fence refuses it. Only this caller stops waiting.
    const outcome =
      held && (await Promise.race([mint(this.context, this.job, held), this.context.clock.sleep(REFRESH_PATIENCE)]));
    if (held && outcome?.record?.token) {
      this.noteMint(outcome.record, held);
      return outcome.record;
    }
    // Memory may have a newer record than the one at the start, unless the environment was frozen.
    return this.context.store.recall(this.job.credential) ?? this.look();
  }

  private async mint(
    record: VendingRecord | undefined,
    looks: number,
    isForced: boolean,
  ): Promise<VendingRecord | undefined> {
    if (this.hasMinted) {
      throw new VendingError('upstream_unavailable', 'Fiskil was so slow that the token has too little life left.', 1);
    }
    this.requireTime();
    const held = await takeLease(this.context, this.job, record, isForced);
    if (!held) {
      await this.pause(looks);
      return this.look();
    }
    this.hasWaited = true;
    // The write of the lease can have used up the time. Reading the secret takes up to 3 s more.
    if (this.isTooLate(this.context.clock.now())) {
      await this.context.store.release(this.job.credential, held.lease.id).catch(() => undefined);
      throw pending();
    }
    const outcome = await mint(this.context, this.job, held);
    if (outcome.error) {
      throw outcome.error;
    }
    this.noteMint(outcome.record, held);
    return outcome.record;
  }

  private noteMint(record: VendingRecord | undefined, { lease }: HeldLease): void {
    this.hasMinted = record?.tokenId === lease.id;
    this.source = this.hasMinted ? 'mint' : this.currentSource();
  }

  /** The source of a record that the store has just returned. */
  private currentSource(): Source {
    return this.context.store.isCutOff() ? 'memory' : 'table';
  }

  /** Runs before the vend, so that the tick never takes a token in use for an unused one. If the table throttles, the next vend sets the mark. */
  private async markVended(record: VendingRecord | undefined, token: Token): Promise<VendingRecord | undefined> {
    this.triedMark = token.id;
    const written = await unlessThrottled(this.context.store.mark(this.job.credential, token.id, 'vended'));
    return written ? written.answer.record : (this.context.store.recall(this.job.credential) ?? record);
  }

  /** The refusal of a pair counts for a minute, unless the secret has changed since. */
  private async lookIfReplaced(failure: Failure, now: number): Promise<VendingRecord | undefined> {
    if (failure.code === 'credentials_rejected' && !this.isTooLate(now)) {
      const current = await this.context.pairs.current(this.job.credential).catch(() => undefined);
      if (current && !current.away && current.version !== failure.secretVersion) {
        this.requireTime();
        this.replacedVersion = failure.secretVersion;
        // Other environments saw the change too. One of them may know already that Fiskil refuses the new pair as well.
        return this.look();
      }
    }
    throw failureError(failure, now);
  }

  /** Pauses between two looks. The pauses grow. */
  private pause(looks: number): Promise<void> {
    return this.sleep(pauseBefore(looks, this.context.chance.number()));
  }

  private pauseFor(wait: Extract<Decision, { action: 'wait' }>, looks: number, now: number): number {
    const chance = this.context.chance.number();
    // Calls that wait for the same instant should not all read at that instant.
    const untilThen = wait.until - now + 1 + chance * PAUSE.first;
    return wait.poll ? Math.min(pauseBefore(looks, chance), untilThen) : untilThen;
  }

  private async sleep(ms: number): Promise<void> {
    const left = this.job.deadline - this.context.clock.now();
    if (left <= 0) {
      throw pending();
    }
    await this.context.clock.sleep(Math.min(ms, left));
  }

  /** Ends the call if there is no time left to take a lease and mint. */
  private requireTime(): void {
    if (this.isTooLate(this.context.clock.now())) {
      throw pending();
    }
  }

  private isTooLate(now: number): boolean {
    return this.job.deadline - now < SHORTEST_MINT + PUBLISH_RESERVE;
  }
}

function pending(): VendingError {
  return new VendingError('token_pending', 'There is no token yet; try again.', 1);
}
