import type { VendingRecord } from '../../lambda/record/types';
import { VendingError } from '../../lambda/vending/errors';
import type { Fact } from '../../lambda/vending/types';
import type { Vended } from '../../lambda/vending/vended';
import type { Call } from './callers';
import type { Environment } from './environment';
import { CANARY, type Fiskil, OUR_TEAM } from './fiskil';
import { ALONE_TIME, CALL_TIME, isSpent, MEMORY_TIME, promised, type Violate } from './promises';
import type { Scheduler } from './scheduler';
import type { Table } from './table';
import { STEADY_LIFE, type Weather } from './weather';

/** What a call costs that finds a token: two requests to the table, and a mark. No mint is as quick. */
const WITHOUT_MINT = 100;
/** A read that was answered slowly is that much older than its answer. */
const SLOWEST_READ = 2_000;
/** Alone after a failure at the table, on a clock that may have been set while it was frozen, in a call that began before. */
const STILL_ALONE = ALONE_TIME + 5_000;

/** Holds every answer, refusal and fact against what is promised. */
export class AnswerWatch {
  /** Calls that have not ended. */
  readonly open = new Set<Call>();
  /** When the table came to hold another token than this one. */
  private readonly replacedAt = new Map<string, number>();
  private readonly lastStored = new Map<string, string>();
  /** Tokens that callers named in rejections. */
  private readonly named = new Set<string>();
  private readonly servedSince = new Map<string, number>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly weather: Weather,
    private readonly fiskil: Fiskil,
    private readonly table: Table,
    private readonly violate: Violate,
  ) {}

  began(call: Call): void {
    this.open.add(call);
    if (call.rejected !== undefined) {
      this.named.add(call.rejected);
    }
  }

  answered(call: Call, { token, at }: Vended): void {
    this.ended(call);
    const { environment, credential, minTtl } = call;
    const issued = this.fiskil.issued.get(token.value);
    if (!issued || issued.credential !== credential || issued.clientId !== token.clientId) {
      this.violate('really issued', `${token.value} was vended for ${credential}`);
      return;
    }
    if (issued.team !== OUR_TEAM) {
      this.violate('right team', `${token.value} was vended`);
    }
    const left = issued.expiresAt - this.scheduler.now;
    if (left <= 0 || left < (minTtl ?? 0) * 1_000) {
      this.violate('promised life', `${token.value} lives ${left} ms more, ${minTtl} s were asked for`);
    }
    const now = environment.now();
    if (isSpent(token, now) || promised(token, now) < (minTtl ?? 0) * 1_000 || at > now) {
      this.violate('promised life', `${token.value} was vended with ${promised(token, now)} ms that can be promised`);
    }
    this.checkReplaced(call, token.value);
    environment.lastSeen.set(credential, token.value);
    this.checkWait(call);
  }

  refused(call: Call, error: unknown): void {
    this.ended(call);
    const { credential, minTtl, environment } = call;
    if (!(error instanceof VendingError) || error.code === 'internal_error') {
      this.violate('honest refusal', `a call ended with ${String(error)}`);
      return;
    }
    if (`${error.message} ${error.reason}`.includes(CANARY)) {
      this.violate('tells no secret', `a refusal says: ${error.message} ${error.reason}`);
    }
    if (error.code === 'rejection_too_soon') {
      return;
    }
    if (error.code === 'min_ttl_unattainable') {
      if ((minTtl ?? 0) <= (this.weather.shortestLife * 2) / 3) {
        this.violate('honest refusal', `${minTtl} s of ${this.weather.shortestLife} s were called unattainable`);
      }
      return;
    }
    // Without a second for the mint and a second for rounding, so much life may be more than Fiskil can give.
    const isGreedy = (minTtl ?? 0) > this.weather.shortestLife - 4;
    if (this.weather.calm && !isGreedy) {
      this.violate('honest refusal', `nothing failed, and a call ended with ${error.message}`);
    }
    const before = call.recordAtStart?.token;
    const token = this.table.records.peek(credential)?.token;
    const now = environment.now();
    if (
      call.kind === 'vend' &&
      token &&
      token.id === before?.id &&
      !isSpent(token, now) &&
      promised(token, now) >= (minTtl ?? 0) * 1_000 &&
      environment.tableGoneAt < call.startedAt - STILL_ALONE &&
      (environment.tableFailedAt < call.startedAt || environment.lastSeen.get(credential) === token.value)
    ) {
      const broken = this.named.has(token.value) ? 'rejection takes nothing' : 'working token serves';
      this.violate(broken, `${token.value} is stored, and a call ended with ${error.message}`);
    }
  }

  ticked(call: Call): void {
    this.ended(call);
  }

  observed(environment: Environment, fact: Fact): void {
    if (JSON.stringify(fact).includes(CANARY)) {
      this.violate('tells no secret', `the operator is told ${JSON.stringify(fact)}`);
    }
    if (fact.kind === 'waited' && this.weather.steady) {
      const since = this.servedSince.get(fact.credential) ?? Number.POSITIVE_INFINITY;
      if (this.scheduler.now - fact.durationMs > since) {
        this.violate('nobody waits', `a caller of ${environment.name} waited ${fact.durationMs} ms for a mint`);
      }
    }
  }

  /** A record reached an environment: from now on it knows. */
  learnt(environment: Environment, credential: string, record: VendingRecord | undefined): void {
    if (record?.token) {
      environment.lastSeen.set(credential, record.token.value);
    }
  }

  /** What the table holds now. */
  stored(credential: string, record: VendingRecord | undefined): void {
    const { now } = this.scheduler;
    if (record?.token && !this.servedSince.has(credential)) {
      this.servedSince.set(credential, now);
    }
    const last = this.lastStored.get(credential);
    if (record?.token && record.token.value !== last) {
      this.lastStored.set(credential, record.token.value);
      this.replacedAt.delete(record.token.value);
      if (last !== undefined) {
        this.replacedAt.set(last, now);
      }
    }
  }

  /** Nothing is left to happen: no call may be open, but those of environments that are gone. */
  atEnd(): void {
    for (const call of this.open) {
      if (!call.environment.gone) {
        this.violate('ends in time', `a ${call.kind} of ${call.environment.name} never ends`);
      }
    }
  }

  private ended(call: Call): void {
    this.open.delete(call);
    const running = this.runningTime(call);
    if (running > CALL_TIME) {
      this.violate('ends in time', `a ${call.kind} took ${running} ms`);
    }
  }

  private runningTime({ startedAt, frozenBefore, environment }: Call): number {
    return this.scheduler.now - startedAt - (environment.frozenFor - frozenBefore);
  }

  private checkReplaced({ environment, rejected, credential }: Call, vended: string): void {
    if (vended === rejected) {
      this.violate('another token', `a rejection of ${vended} was answered with it`);
    }
    const since = this.scheduler.now - (this.replacedAt.get(vended) ?? Number.POSITIVE_INFINITY);
    const longest = MEMORY_TIME + SLOWEST_READ + 2 * this.weather.clockOffset;
    const wasAloneSince = environment.tableFailedAt > this.scheduler.now - since - STILL_ALONE;
    if (since > longest && !wasAloneSince) {
      this.violate('replaced for good', `${vended} of ${credential} was replaced ${since} ms ago, and is vended`);
    }
  }

  private checkWait(call: Call): void {
    const isServed = (this.servedSince.get(call.credential) ?? Number.POSITIVE_INFINITY) < call.startedAt;
    const running = this.runningTime(call);
    if (this.weather.steady && this.weather.shortestLife >= STEADY_LIFE && isServed && running > WITHOUT_MINT) {
      this.violate('nobody waits', `a ${call.kind} took ${running} ms though a token was stored`);
    }
  }
}
