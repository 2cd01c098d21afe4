import type { MemoryStore } from '../../lambda/record/memory-store';
import type { RecordStore } from '../../lambda/record/types';
import { VendingError } from '../../lambda/vending/errors';
import { AnswerWatch } from './answer-watch';
import { type Call, Callers } from './callers';
import { Environment, type World } from './environment';
import { Faults } from './faults';
import { Fiskil } from './fiskil';
import { Fleet } from './fleet';
import { MintWatch } from './mint-watch';
import { ODD_RECORDS } from './odd-records';
import { Operators } from './operators';
import { LEASE, LONGEST_RETRY_AFTER, type Violate, type Violation } from './promises';
import { Random } from './random';
import { Scheduler } from './scheduler';
import { Secrets } from './secrets';
import { Table } from './table';
import { hearing } from './unheard';
import { drawWeather, type Weather } from './weather';

/** One piece that is broken on purpose, to see that the simulator finds it. */
export interface Breaks {
  /** The conditions of the table. */
  readonly table?: (records: MemoryStore) => RecordStore;
  /** The table as an environment reaches it. */
  readonly door?: (door: RecordStore) => RecordStore;
}

export interface Report {
  readonly seed: number;
  readonly weather: Weather;
  readonly violation: Violation | undefined;
  /** What happened how often: `fault …`, `answer …`, `refusal …`, `fact …`. */
  readonly counts: ReadonlyMap<string, number>;
  /** Empty unless asked for. */
  readonly trace: readonly string[];
}

/** An environment that is told of a refused pair looks for an edit of the secret at most this often. */
const EDIT_TIME = 2_000;

/** Runs one seed: the same seed, the same world, the same report. */
export async function simulate(seed: number, options: { breaks?: Breaks; trace?: boolean } = {}): Promise<Report> {
  const { breaks = {} } = options;
  const { door = (store: RecordStore) => store } = breaks;
  const random = new Random(seed);
  const scheduler = new Scheduler();
  const start = scheduler.now;
  const weather = drawWeather(random, start);
  const counts = new Map<string, number>();
  const trace: string[] = [];
  let violation: Violation | undefined;
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const tell = options.trace
    ? (line: () => string) => {
        trace.push(`${String(scheduler.now - start).padStart(9)} ${line()}`);
      }
    : undefined;
  const violate: Violate = (invariant, detail) => {
    tell?.(() => `BROKEN: ${invariant}: ${detail}`);
    violation ??= { invariant, detail };
  };

  const faults = new Faults(scheduler, random, weather.spells, (fault) => count(`fault ${fault}`));
  const world: World = { scheduler, random, faults, tell };
  const secrets = new Secrets(world, (credential, version) => mints.edited(credential, version));
  const mints: MintWatch = new MintWatch(
    scheduler,
    weather,
    secrets,
    (credential) => table.records.peek(credential),
    violate,
  );
  const table: Table = new Table(
    world,
    {
      applied: (request, before, after) => {
        mints.applied(request, before, after);
        answers.stored(request.credential, after);
      },
      deleted: (credential, record) => mints.deleted(credential, record),
      learnt: (environment, credential, record) => answers.learnt(environment, credential, record),
    },
    breaks.table,
  );
  const fiskil = new Fiskil(world, weather, (issued) => {
    count('mint');
    mints.issued(issued);
  });
  const answers: AnswerWatch = new AnswerWatch(scheduler, weather, fiskil, table, violate);
  const end = weather.spans.at(-1)?.to ?? start;
  let made = 0;
  const fleet = new Fleet(weather, random, () => {
    const name = `environment-${++made}`;
    return new Environment(name, world, weather.clockOffset, (environment) => ({
      store: door(table.doorOf(environment)),
      secrets: secrets.doorOf(environment),
      minter: fiskil.doorOf(environment),
      observe: (fact) => {
        tell?.(() => `${name} tells ${JSON.stringify(fact)}`);
        count(`fact ${fact.kind}`);
        answers.observed(environment, fact);
      },
    }));
  });
  let lastRefusal: VendingError | undefined;
  const callers = new Callers(world, weather, fleet, table, fiskil, {
    began: (call) => answers.began(call),
    answered: (call, vended) => {
      count(`answer from ${vended.source}`);
      answers.answered(call, vended);
    },
    refused: (call: Call, error) => {
      const refusal = error instanceof VendingError ? error : undefined;
      lastRefusal = call.kind === 'vend' ? refusal : lastRefusal;
      count(`refusal ${refusal?.code}`);
      answers.refused(call, error);
    },
    ticked: (call) => answers.ticked(call),
  });
  new Operators(world, weather, secrets, fiskil, end).plan();
  callers.plan();
  for (const instant of faults.instantsOf('odd_record')) {
    scheduler.at(instant, () => {
      const credential = random.pick(weather.credentials);
      const record = table.records.peek(credential);
      if (record && faults.strikes('odd_record')) {
        table.records.put(credential, random.pick(ODD_RECORDS)(record, scheduler.now));
        tell?.(() => `somebody changes ${credential}: ${JSON.stringify(table.records.peek(credential))}`);
        mints.meddled(credential);
        for (const environment of fleet.everyone()) {
          environment.disturb();
        }
      }
    });
  }

  const stopped = () => violation !== undefined;
  const run = (limit: number) => scheduler.runUntil(limit, stopped);

  /** One call, once nothing else is under way; says what it was refused with. */
  const probe = async (credential: string, environment: Environment): Promise<VendingError | undefined> => {
    lastRefusal = undefined;
    callers.call(credential, { kind: 'vend' }, environment);
    await run(Number.POSITIVE_INFINITY);
    return lastRefusal;
  };

  /** Nothing fails any more, and nobody helps: each environment, and a new one, must find back by itself. */
  const checkRecovery = async (credential: string, environment: Environment): Promise<void> => {
    const { until: claimed = 0 } = table.records.peek(credential)?.lease ?? {};
    // One that was made by hand may say anything.
    const until = Math.min(claimed, scheduler.now + LEASE);
    // A holder that is gone may keep the others waiting for its lease, and a slow clock for a moment more. And the last
    // edit of the secret was just now.
    await run(Math.max(scheduler.now, until + 2 * weather.clockOffset, end + EDIT_TIME + 2 * weather.clockOffset));
    // It may first be told of the failure in its memory, and then, with the table back, of the stored one.
    for (let refusals = 0; !stopped(); refusals++) {
      const refusal = await probe(credential, environment);
      if (!refusal) {
        return;
      }
      const { retryAfter = Number.POSITIVE_INFINITY } = refusal;
      const longest = longestRetryAfter(weather, refusal) + Math.ceil((2 * weather.clockOffset) / 1_000);
      if (refusals === 2 || retryAfter > longest) {
        violate(
          'recovers',
          `nothing fails any more, and call ${refusals + 1} ended with ${refusal.message}, retry ${retryAfter} s`,
        );
      }
      // By the clock that it has then, which may have been set back.
      await run(scheduler.now + retryAfter * 1_000 + 2 * weather.clockOffset);
    }
  };

  await hearing(
    (reason) => violate('nothing unhandled', String(reason)),
    async () => {
      await run(Number.POSITIVE_INFINITY);
      for (const credential of weather.credentials) {
        for (const environment of [random.pick([...fleet.everyone()]), fleet.cold()]) {
          if (!stopped() && environment && !environment.gone) {
            await checkRecovery(credential, environment);
          }
        }
      }
      if (!stopped()) {
        answers.atEnd();
        mints.atEnd();
      }
    },
  );
  return { seed, weather, violation, counts, trace };
}

/** How long a call may be put off, in seconds, though nothing fails any more: only where Fiskil said so itself. */
function longestRetryAfter({ spells }: Weather, { code }: VendingError): number {
  const said = { credentials_rejected: 'fiskil_refuses', upstream_throttled: 'fiskil_throttles' } as const;
  if (code !== 'credentials_rejected' && code !== 'upstream_throttled') {
    return Number.NEGATIVE_INFINITY;
  }
  // A pair that was wrong has been edited since, which everybody notices.
  return spells.some(({ fault }) => fault === said[code]) ? LONGEST_RETRY_AFTER[code] : Number.NEGATIVE_INFINITY;
}
