import type { Failure, Token, VendingRecord } from '../../lambda/record/types';
import { type Issued, OUR_TEAM } from './fiskil';
import { FORCED_PAUSE, isDueForCaller, isDueForTick, isSpent, LEASE, promised, type Violate } from './promises';
import type { Scheduler } from './scheduler';
import type { Secrets } from './secrets';
import type { Operation, Request } from './table';
import type { Weather } from './weather';

/** A fault this long before a token was issued, or after, may be the reason that it was wasted: a whole call, and a lease. */
const REACH = 30_000;
/** Two reads of the secret, 3 s each at worst, and the write after them. */
const COMPARING = 8_000;

/** A tick every minute, a little late, and a mint. */
const TICK_TIME = 75_000;
/** A read that nothing delays, and the decision on it. */
const READING = 50;
/** A second, shortened by up to half. */
const SHORTEST_PAUSE = 500;

type Acquire = Request<Extract<Operation, { name: 'acquire' }>>;

/** Watches the table and Fiskil: who mints, why, and what becomes of it. */
export class MintWatch {
  private readonly leases = new Map<string, { readonly order: number; readonly tokenWasSpent: boolean }>();
  /** Leases whose claimants were told that they are another's. */
  private readonly lost = new Set<string>();
  private readonly stored = new Set<string>();
  /** Tokens of another team: minted for nothing, as they should be. */
  private readonly foreign = new Set<string>();
  private readonly all: Issued[] = [];
  private readonly forcedAt = new Map<string, number>();
  private readonly failures = new Map<Failure, { readonly sentAt: number; readonly storedAt: number }>();
  private readonly editedAt = new Map<string, number>();
  /** When TTL deletion took a lease away. */
  private leaseLostAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly weather: Weather,
    private readonly secrets: Secrets,
    private readonly peek: (credential: string) => VendingRecord | undefined,
    private readonly violate: Violate,
  ) {}

  applied(request: Request, before: VendingRecord | undefined, after: VendingRecord | undefined): void {
    const { operation, sentAt } = request;
    if (after === before) {
      if (operation.name === 'acquire') {
        this.lost.add(operation.claim.lease.id);
      }
      return;
    }
    switch (operation.name) {
      case 'acquire':
        this.acquired({ ...request, operation }, before, after);
        break;
      case 'publish':
      case 'create':
        this.published(operation.token, before);
        break;
      case 'release':
        if (operation.failure) {
          this.failures.set(operation.failure, { sentAt, storedAt: this.scheduler.now });
        }
        break;
    }
  }

  deleted(credential: string, record: VendingRecord): void {
    this.forcedAt.delete(credential);
    if (record.lease && record.lease.until > this.scheduler.now) {
      this.leaseLostAt = this.scheduler.now;
      if (this.leases.get(record.lease.id)?.tokenWasSpent) {
        this.violate('one mint a life', 'TTL deletion took a lease away that was taken on a spent token');
      }
    }
  }

  /** Somebody changed the record by hand: what was known of its lease and its forced mints holds no more. */
  meddled(credential: string): void {
    this.forcedAt.delete(credential);
    this.leaseLostAt = this.scheduler.now;
  }

  /** Where ticks come and nothing fails, the next one takes a new version over. */
  edited(credential: string, version: string): void {
    this.editedAt.set(credential, this.scheduler.now);
    const due = this.scheduler.now + TICK_TIME;
    const isTicked = this.weather.spans.some(({ from, to }) => from <= this.scheduler.now && due < to);
    if (!this.weather.calm || !this.weather.ticks || !isTicked) {
      return;
    }
    this.scheduler.at(due, () => {
      const token = this.peek(credential)?.token;
      const isUsable = token && !isSpent(token, this.scheduler.now - this.weather.clockOffset);
      if (isUsable && this.secrets.version(credential) === version && token.secretVersion !== version) {
        this.violate('follows the secret', `${token.value} is still stored ${TICK_TIME} ms after ${version} came`);
      }
    });
  }

  /** Every token that Fiskil gives comes to be stored, unless something failed close to it. */
  issued(issued: Issued): void {
    if (issued.team !== OUR_TEAM) {
      this.foreign.add(issued.value);
      return;
    }
    const { value, issuedAt, environment } = issued;
    this.all.push(issued);
    const touchedBefore = Math.max(environment.disturbedAt, this.leaseLostAt);
    this.scheduler.in(REACH, () => {
      const touched = Math.max(touchedBefore, environment.disturbedAt, this.leaseLostAt);
      if (!this.stored.has(value) && touched < issuedAt - REACH && !environment.gone) {
        this.violate('one mint a life', `${value} was minted by ${environment.name} for nothing`);
      }
    });
  }

  /** However much fails, each fault that touches an environment costs two mints of each credential at most: its own, and one while it is alone. */
  atEnd(): void {
    // Alone it stays for ten seconds, in which a short life ends as well.
    const lives = this.weather.shortestLife < 60 ? 2 : 1;
    const mintsOfOne = 2 * lives * this.weather.credentials.length;
    for (const environment of new Set(this.all.map((issued) => issued.environment))) {
      const mine = this.all.filter((issued) => issued.environment === environment);
      const wasted = mine.filter(({ value }) => !this.stored.has(value)).length;
      if (wasted > mintsOfOne * environment.disturbances) {
        this.violate(
          'one mint a life',
          `${environment.name} wasted ${wasted} mints in ${environment.disturbances} faults`,
        );
      }
    }
  }

  private acquired(request: Acquire, before: VendingRecord | undefined, after: VendingRecord | undefined): void {
    const { environment, credential } = request;
    const { claim } = request.operation;
    if (this.leases.has(claim.lease.id)) {
      return;
    }
    const token = before?.token;
    const tokenWasSpent = token !== undefined && isSpent(token, claim.now);
    this.leases.set(claim.lease.id, { order: this.leases.size, tokenWasSpent });
    // A copy that comes late takes a lease under which nobody mints: its holder was told that it had lost.
    if (this.lost.has(claim.lease.id)) {
      return;
    }
    if (token && !tokenWasSpent && !after?.token) {
      const broken = claim.forcedAt === undefined ? 'working token serves' : 'rejection takes nothing';
      this.violate(broken, `${environment.name} takes ${token.value} away before it has another`);
    }
    if (claim.lease.until - claim.now > LEASE) {
      this.violate('one mint a life', `${environment.name} takes a lease for longer than any mint takes`);
    }
    if (claim.forcedAt !== undefined) {
      this.forced(credential, claim.now);
    } else if (token && !tokenWasSpent && !this.isDue(request, token)) {
      this.violate('one mint a life', `${environment.name} replaces ${token.value}, which is not due`);
    }
    this.checkBackoff(request, before);
  }

  private isDue(request: Acquire, token: Token): boolean {
    const { now } = request.operation.claim;
    return request.operation.asked.some(({ kind, minTtl }) =>
      kind === 'tick'
        ? isDueForTick(token, now) || this.secretMovedOn(request, token)
        : isDueForCaller(token, now) || promised(token, now) < (minTtl ?? 0) * 1_000,
    );
  }

  /** Whether AWSCURRENT holds another pair, or a version whose pair could not be compared just now. */
  private secretMovedOn({ environment, credential, sentAt }: Acquire, { secretVersion }: Token): boolean {
    const isOther = !this.secrets.holdSamePair(credential, secretVersion);
    const since = sentAt - COMPARING;
    const isNew = this.secrets.version(credential) !== secretVersion;
    // What it read before it was frozen may have been written since, by the tick of another.
    return (isNew && (isOther || environment.disturbedAt > since)) || environment.thawedAt > since;
  }

  /** At a storm of rejections, one mint for each 30 s, by the clocks of those who forced them. */
  private forced(credential: string, now: number): void {
    const last = this.forcedAt.get(credential) ?? Number.NEGATIVE_INFINITY;
    // The record holds whole seconds.
    if (now - last < FORCED_PAUSE - 1_000) {
      this.violate('one forced mint in 30 s', `a mint of ${credential} was forced ${now - last} ms after another`);
    }
    if (this.weather.steady) {
      this.violate('one mint a life', 'a mint was forced, and nobody was refused by Fiskil');
    }
    this.forcedAt.set(credential, now);
  }

  /** After a failure everybody leaves Fiskil alone: for half a second at least, and as long as the record says. */
  private checkBackoff(
    { environment, credential, sentAt, operation }: Acquire,
    before: VendingRecord | undefined,
  ): void {
    const { now } = operation.claim;
    const failure = before?.failure;
    const failed = failure && this.failures.get(failure);
    if (!failure || !failed || (failure.code === 'credentials_rejected' && this.secretMoved(credential, failure))) {
      return;
    }
    const { token } = before;
    const isUsable = token && !isSpent(token, now);
    // Without a token nobody is made to wait longer than 2 s, unless Fiskil said so.
    const isFirm = failure.code === 'upstream_throttled' || failure.code === 'credentials_rejected' || isUsable;
    if (!isFirm && failure.retryAt > now + 2_000) {
      return;
    }
    // Otherwise it decided on what it had read before something took its time.
    const isPrompt = environment.lateAt < sentAt - COMPARING;
    if (
      isPrompt &&
      this.weather.clockOffset === 0 &&
      failed.storedAt < sentAt - READING &&
      sentAt - failed.sentAt < SHORTEST_PAUSE
    ) {
      this.violate('one mint a life', `${environment.name} asks Fiskil ${sentAt - failed.sentAt} ms after it failed`);
    }
    if (failure.retryAt > now) {
      this.violate('one mint a life', `${environment.name} asks Fiskil ${failure.retryAt - now} ms too early`);
    }
  }

  /** Whether the secret is another than the refused one, or was a moment ago. */
  private secretMoved(credential: string, failure: Failure): boolean {
    const isRecent = (this.editedAt.get(credential) ?? 0) > this.scheduler.now - COMPARING;
    return isRecent || this.secrets.version(credential) !== failure.secretVersion;
  }

  private published(token: Token, before: VendingRecord | undefined): void {
    const { id: leaseId } = token;
    this.stored.add(token.value);
    if (this.foreign.has(token.value)) {
      this.violate('right team', `${token.value} is published`);
    }
    if (!before || before.tokenId === token.id) {
      return;
    }
    if (before.lease?.id !== leaseId) {
      this.violate('fence', `the mint ${leaseId} is published, and the lease is ${before.lease?.id}'s`);
    }
    const mine = this.leases.get(leaseId)?.order ?? -1;
    const stored = before.token ? (this.leases.get(before.token.id)?.order ?? -1) : -1;
    if (stored > mine) {
      this.violate('fence', `the mint ${leaseId} replaces the newer ${before.token?.id}`);
    }
  }
}
