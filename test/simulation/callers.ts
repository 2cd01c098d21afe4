import type { VendingRecord } from '../../lambda/record/types';
import { sha256 } from '../../lambda/sha256';
import type { Engine } from '../../lambda/vending/engine';
import type { Vended } from '../../lambda/vending/vended';
import type { Asked, Environment, World } from './environment';
import type { Fiskil } from './fiskil';
import type { Fleet } from './fleet';
import type { Table } from './table';
import type { Weather } from './weather';

/** One invocation of an environment. */
export interface Call extends Asked {
  readonly credential: string;
  readonly environment: Environment;
  /** The token named as refused by Fiskil. */
  readonly rejected?: string;
  /** True epoch milliseconds. */
  readonly startedAt: number;
  readonly frozenBefore: number;
  readonly recordAtStart: VendingRecord | undefined;
  /** The token that the environment saw last, where it had nothing else to do. */
  readonly seenAtStart: string | undefined;
  /** How many calls the environment was given until then. */
  readonly number: number;
}

export interface CallWatch {
  began(call: Call): void;
  answered(call: Call, vended: Vended): void;
  refused(call: Call, error: unknown): void;
  ticked(call: Call): void;
}

type Wanted =
  | { readonly kind: 'vend'; readonly minTtl?: number | undefined }
  | { readonly kind: 'reject'; readonly rejected: string }
  | { readonly kind: 'tick' };

const TICK_EVERY = 60_000;

/** A caller that keeps getting dead tokens gives up. */
const MOST_REJECTIONS = 3;

/** Everybody who invokes environments: callers with their tokens, and the schedule. */
export class Callers {
  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    private readonly fleet: Fleet,
    private readonly table: Table,
    private readonly fiskil: Fiskil,
    private readonly watch: CallWatch,
  ) {}

  /** Puts everything that they will do in the calendar. */
  plan(): void {
    const { scheduler, random, faults } = this.world;
    for (const burst of this.weather.bursts) {
      const spread = random.pick([0, 20, 2_000]);
      for (let calls = random.whole(1, this.weather.callsInBurst); calls > 0; calls--) {
        const wanted = { kind: 'vend', minTtl: this.drawMinTtl() } as const;
        const credential = random.pick(this.weather.credentials);
        scheduler.at(burst + random.whole(0, spread), () => this.call(credential, wanted));
      }
    }
    for (const storm of faults.instantsOf('rejected_alive')) {
      scheduler.at(storm, () => this.rejectWhatIsStored());
    }
    for (const { from, to } of this.weather.ticks ? this.weather.spans : []) {
      for (let at = from + random.whole(0, TICK_EVERY); at < to; at += TICK_EVERY) {
        scheduler.at(at + random.whole(0, 2_000), () => {
          if (!faults.strikes('tick_missed')) {
            this.call('', { kind: 'tick' });
          }
        });
      }
    }
  }

  /** Invokes an environment; without one named, any that is free. */
  call(credential: string, wanted: Wanted, named?: Environment, repeats = 0): void {
    // Somebody always takes the tick: there it is, or the function scales out.
    const environment = named ?? this.fleet.free() ?? (wanted.kind === 'tick' ? this.fleet.cold() : undefined);
    if (!environment) {
      return;
    }
    environment.thaw();
    const call: Call = {
      ...wanted,
      credential,
      environment,
      startedAt: this.world.scheduler.now,
      frozenBefore: environment.frozenFor,
      recordAtStart: this.table.records.peek(credential),
      seenAtStart: environment.active.size === 0 ? environment.lastSeen.get(credential) : undefined,
      number: ++environment.begun,
    };
    environment.active.add(call);
    this.watch.began(call);
    environment.in(this.world.random.whole(0, 2), () => {
      this.run(environment.engine, credential, wanted).then(
        (vended) => {
          this.end(call, vended ? `vended ${vended.token.value} from ${vended.source}` : 'done');
          if (vended) {
            this.watch.answered(call, vended);
            this.use(call, vended.token.value, repeats);
          } else {
            this.watch.ticked(call);
          }
        },
        (error: unknown) => {
          this.end(call, String(error));
          this.watch.refused(call, error);
        },
      );
    });
  }

  private async run(engine: Engine, credential: string, wanted: Wanted): Promise<Vended | undefined> {
    switch (wanted.kind) {
      case 'vend': {
        const { minTtl } = wanted;
        return engine.vend({ credential, ...(minTtl !== undefined && { minTtl }) });
      }
      case 'reject':
        return engine.reject({ credential, tokenSha256: sha256(wanted.rejected) });
      case 'tick':
        await engine.tick(this.weather.credentials);
        return undefined;
    }
  }

  private end(call: Call, outcome: string): void {
    const { environment, kind, minTtl } = call;
    this.world.tell?.(() => `${environment.name} ${kind} ${minTtl ?? ''}: ${outcome}`);
    environment.active.delete(call);
    if (this.weather.hosting === 'one_call_at_a_time' && environment.active.size === 0) {
      environment.freeze();
    }
  }

  /** Sends the token to Fiskil; one that is dead there is named in a rejection. */
  private use({ credential }: Call, token: string, repeats: number): void {
    const { scheduler, random, faults } = this.world;
    scheduler.in(random.pick([1, 1, 1, 3_000]), () => {
      const isRefused = !this.fiskil.isAlive(token) || faults.strikes('rejected_in_use');
      if (isRefused && repeats < MOST_REJECTIONS) {
        scheduler.in(random.whole(1, 40), () =>
          this.call(credential, { kind: 'reject', rejected: token }, undefined, repeats + 1),
        );
      }
    });
  }

  /** Many callers, all wrong or all badly served, name the token that is in use. */
  private rejectWhatIsStored(): void {
    const { scheduler, random, faults } = this.world;
    const credential = random.pick(this.weather.credentials);
    const token = this.table.records.peek(credential)?.token;
    if (!token || !faults.strikes('rejected_alive')) {
      return;
    }
    if (random.chance(0.3)) {
      // While a mint is in flight that nobody was forced to.
      const minTtl = Math.floor((random.pick(this.weather.lives) * 2) / 3);
      this.call(credential, { kind: 'vend', minTtl });
    }
    for (let calls = random.whole(1, 6); calls > 0; calls--) {
      scheduler.in(random.whole(0, random.pick([5, 2_000])), () =>
        this.call(credential, { kind: 'reject', rejected: token.value }),
      );
    }
  }

  private drawMinTtl(): number | undefined {
    const { random } = this.world;
    if (this.weather.steady || random.chance(0.6)) {
      return undefined;
    }
    const life = random.pick(this.weather.lives);
    return random.pick([0, 1, 30, 60, 300, 600, 700, life / 2, (life * 2) / 3, (life * 2) / 3 + 1].map(Math.floor));
  }
}
