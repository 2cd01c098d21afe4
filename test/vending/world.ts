import { MemoryStore } from '../../lambda/record/memory-store';
import type { RecordStore, Token } from '../../lambda/record/types';
import type { VendRequest } from '../../lambda/vending/decide';
import { createEngine, type Engine } from '../../lambda/vending/engine';
import { VendingError } from '../../lambda/vending/errors';
import type { Clock, Fact, MintedToken, Pair, VersionedPair } from '../../lambda/vending/types';
import type { Vended } from '../../lambda/vending/vended';

/** Any instant will do; a round one makes epoch seconds easy to read. */
export const START = 1_800_000_000_000;

/** A call that asks the time more often than this, or pauses more often, is in an endless loop. The test must end. */
const MOST_QUESTIONS = 20_000;
const MOST_PAUSES = 2_000;

/** A clock that only moves while a test runs a call: to the next sleeper whenever nothing else can go on. */
export class TestClock implements Clock {
  private time = START;
  /** How often it was asked since it last moved. */
  private questions = 0;
  private pauses = 0;
  private sleepers: { at: number; wake: () => void }[] = [];

  /** @param hasCompany whether something else than this clock can bring a call on, such as a database */
  constructor(private readonly hasCompany = false) {}

  now(): number {
    if (++this.questions > MOST_QUESTIONS) {
      throw new Error('the call goes on and on without a pause');
    }
    return this.time;
  }

  /** As an operator would, or a time server. */
  set(now: number): void {
    this.time = now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ at: this.time + ms, wake });
    });
  }

  /** Lets time pass for those who sleep. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    this.pauses = 0;
    for (await idle(); this.next() !== undefined && (this.next() as number) <= end; await idle()) {
      this.wakeNext();
    }
    this.time = end;
  }

  /** Runs a call to its end, moving time as it needs. */
  async run<T>(call: Promise<T>): Promise<T> {
    let settled = false;
    const done = call.finally(() => {
      settled = true;
    });
    done.catch(() => undefined);
    this.pauses = 0;
    for (await idle(); !settled; await idle()) {
      if (this.next() !== undefined) {
        this.wakeNext();
      } else if (!this.hasCompany) {
        throw new Error('the call waits for something that never happens');
      }
    }
    return done;
  }

  private next(): number | undefined {
    return this.sleepers.reduce<number | undefined>((least, { at }) => Math.min(least ?? at, at), undefined);
  }

  private wakeNext(): void {
    if (++this.pauses > MOST_PAUSES) {
      throw new Error('the call pauses again and again and does not end');
    }
    const at = this.next() as number;
    this.questions = 0;
    this.time = Math.max(this.time, at);
    const due = this.sleepers.filter((sleeper) => sleeper.at === at);
    this.sleepers = this.sleepers.filter((sleeper) => sleeper.at !== at);
    for (const { wake } of due) {
      wake();
    }
  }
}

function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Fiskil as a test wants it: answers after `latency`, with tokens `token-1`, `token-2` … or what `answer` says. */
export class TestMinter {
  readonly pairs: Pair[] = [];
  /** The milliseconds that each mint was given. */
  readonly timeouts: number[] = [];
  life = 900;
  latency = 350;
  answer: ((n: number) => MintedToken | Error) | undefined;
  /** The token that stays valid if Fiskil accepts only its newest. Whether it does is not documented. */
  newest = 'stored';

  constructor(private readonly clock: Clock) {}

  get mints(): number {
    return this.pairs.length;
  }

  async mint(pair: Pair, timeoutMs: number): Promise<MintedToken> {
    const n = this.pairs.push(pair);
    this.timeouts.push(timeoutMs);
    await this.clock.sleep(this.latency);
    const answer = this.answer?.(n) ?? { token: `token-${n}`, expiresIn: this.life };
    if (answer instanceof Error) {
      throw answer;
    }
    this.newest = answer.token;
    return answer;
  }

  fail(code: ConstructorParameters<typeof VendingError>[0], retryAfter?: number): void {
    this.answer = () => new VendingError(code, 'test', retryAfter, 'test');
  }
}

/** Secrets Manager as a test wants it. */
export class TestSecrets {
  reads = 0;
  failure: VendingError | undefined;
  readonly versions = new Map<string, Pair>([['v1', { clientId: 'id-1', clientSecret: 'secret-1' }]]);
  currentVersion = 'v1';
  /** Epoch milliseconds. */
  createdAt: number | undefined;

  async current(): Promise<VersionedPair> {
    this.reads++;
    if (this.failure) {
      throw this.failure;
    }
    const pair = await this.version('default', this.currentVersion);
    return {
      pair,
      version: this.currentVersion,
      ...(this.createdAt !== undefined && { createdAt: this.createdAt }),
    };
  }

  async version(_credential: string, version: string): Promise<Pair> {
    const pair = this.versions.get(version);
    if (!pair) {
      throw new VendingError('credential_not_configured', 'test');
    }
    return pair;
  }

  edit(version: string, pair: Pair): void {
    this.versions.set(version, pair);
    this.currentVersion = version;
  }
}

/** One table, one Fiskil, one secret, and as many environments as a test asks for. */
export class World {
  readonly table = new MemoryStore();
  readonly minter: TestMinter;
  readonly secrets = new TestSecrets();
  readonly facts: Fact[] = [];
  /** In [0, 1). At 0 there is no jitter: a pause is as long as it can be. */
  chance = 0;
  private ids = 0;

  constructor(readonly clock = new TestClock()) {
    this.minter = new TestMinter(clock);
  }

  environment(store: RecordStore = this.table): Engine {
    return createEngine({
      store,
      secrets: this.secrets,
      minter: this.minter,
      clock: this.clock,
      chance: { number: () => this.chance, id: () => `id-${++this.ids}` },
      observe: (fact) => this.facts.push(fact),
    });
  }

  /** A vend by an environment of its own, run to its end. */
  vend(request: Omit<VendRequest, 'credential'> = {}): Promise<Vended> {
    return this.clock.run(this.environment().vend({ credential: 'default', ...request }));
  }

  /** Puts a token with this much left into the table. */
  store(token: Partial<Token> & { secondsLeft?: number } = {}): Token {
    const { secondsLeft = 900, ...rest } = token;
    const expiresAt = START / 1_000 + secondsLeft;
    const stored: Token = {
      value: 'stored',
      clientId: 'id-1',
      issuedAt: expiresAt - 900,
      expiresAt,
      id: 'stored-id',
      secretVersion: 'v1',
      vended: true,
      ...rest,
    };
    this.table.put('default', { tokenId: stored.id, token: stored });
    return stored;
  }

  factsOf<K extends Fact['kind']>(kind: K): Extract<Fact, { kind: K }>[] {
    return this.facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
  }
}

/** The code that a call failed with; fails if it did not. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => {
      throw new Error('the call did not fail');
    },
    (error: VendingError) => error.code,
  );
}
