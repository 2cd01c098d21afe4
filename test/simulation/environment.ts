import type { Dependencies } from '../../lambda/vending/context';
import { createEngine, type Engine } from '../../lambda/vending/engine';
import type { Faults } from './faults';
import type { Random } from './random';
import type { Happening, Owner, Scheduler } from './scheduler';

export interface World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  /** Tells the trace, where one is kept. */
  readonly tell: ((line: () => string) => void) | undefined;
}

/** The longest silence that a connection survives while its environment is frozen. */
const PATIENCE_OF_CONNECTIONS = 3_000;

/** What a call asked an environment for. */
export interface Asked {
  readonly kind: 'vend' | 'reject' | 'tick';
  readonly minTtl?: number | undefined;
}

/** One environment: its own engine, clock and memory, and no more life than the machine grants it. */
export class Environment implements Owner {
  readonly engine: Engine;
  readonly active = new Set<Asked>();
  /** Of each credential the token that it saw last: in a record, from Fiskil or in an answer of its own. */
  readonly lastSeen = new Map<string, string>();
  gone = false;
  /** How many calls it was given. */
  begun = 0;
  /** How many faults touched it. */
  disturbances = 0;
  /** True time of the last fault that touched it, and of the last at its table. */
  disturbedAt = Number.NEGATIVE_INFINITY;
  tableFailedAt = Number.NEGATIVE_INFINITY;
  /** The same, but for throttles: with them it goes on with what it has seen. */
  tableGoneAt = Number.NEGATIVE_INFINITY;
  /** When it went on after being frozen, with something on its way to it. */
  thawedAt = Number.NEGATIVE_INFINITY;
  /** And of the last that made what it had read older than usual, at the table or at Secrets Manager. */
  lateAt = Number.NEGATIVE_INFINITY;
  private frozenAt: number | undefined;
  private frozenBefore = 0;
  private parked: Happening[] = [];
  private offset: number;

  constructor(
    readonly name: string,
    private readonly world: World,
    private readonly clockOffset: number,
    outside: (environment: Environment) => Omit<Dependencies, 'clock' | 'chance'>,
  ) {
    this.offset = this.drawOffset();
    let ids = 0;
    this.engine = createEngine({
      ...outside(this),
      clock: { now: () => this.now(), sleep: (ms) => this.sleep(ms) },
      chance: { number: () => world.random.number(), id: () => `${name}-${++ids}` },
    });
  }

  /** The time as this environment has it. */
  now(): number {
    return this.world.scheduler.now + this.offset;
  }

  get frozen(): boolean {
    return this.frozenAt !== undefined;
  }

  /** For how long it has been frozen altogether, milliseconds. */
  get frozenFor(): number {
    return this.frozenBefore + (this.frozenAt === undefined ? 0 : this.world.scheduler.now - this.frozenAt);
  }

  /** Runs here after `delay`, if the environment lives and runs then. */
  in(delay: number, run: () => void, spoilt?: () => void): void {
    this.world.scheduler.in(delay, run, this, spoilt);
  }

  deliver(happening: Happening): boolean {
    if (this.gone) {
      return false;
    }
    if (this.frozen) {
      this.parked.push(happening);
      return false;
    }
    if (this.world.faults.strikes('crash')) {
      this.crash();
      return false;
    }
    if (this.world.faults.strikes('freeze')) {
      this.parked.push(happening);
      this.freeze(this.world.random.pick([2_000, 15_000, 60_000, 240_000]));
      return false;
    }
    happening.run();
    return true;
  }

  /** Its promises are never settled, and its memory is gone. */
  crash(): void {
    this.gone = true;
    this.disturb();
    this.world.tell?.(() => `${this.name} crashes`);
  }

  /** Stands still; for a time, or until it is invoked. */
  freeze(duration?: number): void {
    this.frozenAt = this.world.scheduler.now;
    if (duration !== undefined) {
      this.disturb();
      this.world.tell?.(() => `${this.name} is frozen for ${duration} ms`);
      this.world.scheduler.in(duration, () => this.thaw());
    }
  }

  thaw(): void {
    if (this.frozenAt === undefined || this.gone) {
      return;
    }
    const { scheduler, random } = this.world;
    const slept = scheduler.now - this.frozenAt;
    this.frozenBefore += slept;
    this.frozenAt = undefined;
    if (slept > PATIENCE_OF_CONNECTIONS) {
      this.offset = this.drawOffset();
    }
    const waiting = this.parked;
    this.parked = [];
    if (waiting.length > 0) {
      this.thawedAt = scheduler.now;
      this.lateAt = scheduler.now;
      this.disturb();
      this.world.tell?.(() => `${this.name} thaws`);
    }
    for (const { run, spoilt } of waiting) {
      const isDead = slept > PATIENCE_OF_CONNECTIONS && random.chance(0.6);
      scheduler.in(random.whole(0, 3), (isDead && spoilt) || run, this);
    }
  }

  disturb(): void {
    this.disturbances++;
    this.disturbedAt = this.world.scheduler.now;
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      // As `setTimeout` does it: whole milliseconds, at least one, and a little late.
      this.in(Math.max(1, Math.trunc(ms)) + this.world.random.whole(0, 2), resolve);
    });
  }

  private drawOffset(): number {
    return this.world.random.whole(-this.clockOffset, this.clockOffset);
  }
}
