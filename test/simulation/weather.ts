import { EVERY_FAULT, FAULTS, type Fault, type Spell } from './faults';
import type { Random } from './random';

/** What the world of one seed is like. Instants are true epoch milliseconds. */
export interface Weather {
  /** Nothing goes wrong outside; callers and operators may still do what they do. */
  readonly calm: boolean;
  /** Calm, nobody rejects a token, ticks come, the tokens live long enough for them, and callers come all the time. */
  readonly steady: boolean;
  readonly credentials: readonly string[];
  /** Seconds that Fiskil gives, one of these at each mint. */
  readonly lives: readonly number[];
  /** The least `expires_in` that Fiskil can say, in seconds. */
  readonly shortestLife: number;
  /** Whether a mint makes the key's earlier tokens invalid. */
  readonly onlyNewestLives: boolean;
  /** `one_call_at_a_time`: what Lambda does; an environment is frozen whenever it has no call. `shared`: what `npm start` does. */
  readonly hosting: 'one_call_at_a_time' | 'shared';
  readonly environments: number;
  /** How far an environment's clock may be off, milliseconds each way. */
  readonly clockOffset: number;
  readonly ticks: boolean;
  /** The spans in which anything happens; the time between them is passed over. */
  readonly spans: readonly Span[];
  readonly bursts: readonly number[];
  readonly callsInBurst: number;
  readonly spells: readonly Spell[];
  readonly configuredAtStart: boolean;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

const LIVES = [900, 900, 900, 300, 120, 60, 30, 7, 3_600, 86_400];

/** The tick needs a minute and what clocks differ by between its own window (a third) and the callers' (a fifth). */
export const STEADY_LIFE = 540;

/** Nothing outside fails; but a rotation moves the windows of a long life to where nobody looks. */
const PEACEFUL: readonly Fault[] = ['rotated', 'staged'];
const REJECTIONS: readonly Fault[] = ['revoked', 'rejected_alive', 'rejected_in_use', 'rotated'];
/** Nothing fails but the holder of a lease, and everything takes as long as it may. */
const SLOWNESS: readonly Fault[] = ['store_slow', 'secret_slow', 'fiskil_slow', 'crash', 'bad_paste'];

/** What does not come and go. */
const LASTING: readonly Fault[] = ['ttl_deletion', 'fiskil_same_string'];

const MOODS = [
  ...(['calm', 'calm', 'calm', 'stormy', 'sluggish'] as const),
  ...(['rough', 'rough', 'rough', 'rough', 'rough', 'rough', 'rough'] as const),
];

export function drawWeather(random: Random, start: number): Weather {
  const mood = random.pick(MOODS);
  const lives = random.chance(0.1) ? [random.pick(LIVES), random.pick(LIVES)] : [random.pick(LIVES)];
  const life = Math.max(...lives);
  const spans = spansFor(life).map(([from, to]) => ({ from: start + from * 1_000, to: start + to * 1_000 }));
  const isCalm = mood === 'calm' || mood === 'stormy';
  const kinds = {
    calm: () => random.some(spans.length === 1 ? PEACEFUL : ['staged' as const], random.whole(0, 2)),
    stormy: () => random.some(REJECTIONS, random.whole(1, 2)),
    rough: () => random.some(EVERY_FAULT, random.whole(1, 5)),
    sluggish: () => SLOWNESS,
  }[mood]();
  const spells = kinds.flatMap((fault) => spellsOf(random, fault, spans));
  const onlyNewestLives = random.chance(0.4);
  const ticks = mood === 'calm' || random.chance(0.7);
  const hosting = random.pick(['one_call_at_a_time', 'shared'] as const);
  const steady = mood === 'calm' && !onlyNewestLives && lives.length === 1 && life >= 180;
  const shortestLife = Math.min(...lives) / (kinds.includes('fiskil_same_string') ? 2 : 1);
  return {
    calm: isCalm,
    steady,
    // Two would share the callers, and one could go unused for long enough that its tick passes it over.
    credentials: !steady && random.chance(0.2) ? ['default', 'sandbox'] : ['default'],
    lives,
    shortestLife,
    onlyNewestLives,
    hosting,
    environments: random.whole(2, hosting === 'one_call_at_a_time' ? 8 : 5),
    clockOffset: random.chance(0.3) ? 0 : offsetFor(shortestLife),
    ticks,
    spans,
    bursts: steady ? everySoOften(random, spans, life) : someInstants(random, spans, life, start),
    callsInBurst: steady ? 2 : 5,
    spells,
    configuredAtStart: isCalm || random.chance(0.9),
  };
}

/** Half of the margin that windows.ts keeps for two clocks: 2 s, and less where a token lives less than a minute. */
function offsetFor(shortestLife: number): number {
  return shortestLife >= 60 ? 2_000 : Math.floor((shortestLife * 1_000 * (1 / 5) * (4 / 9)) / 2);
}

/** Seconds from the start. A long life is visited where something can happen: at its start, its windows and its end. */
function spansFor(life: number): [number, number][] {
  if (life <= 900) {
    return [[0, Math.min(Math.max(2.2 * life, 90), 1_500)]];
  }
  return [
    [0, 120],
    [(life * 2) / 3 - 100, (life * 2) / 3 + 200],
    [life * (4 / 5) - 20, life * (4 / 5) + 30],
    [life - 40, life + 80],
  ];
}

function spellsOf(random: Random, fault: Fault, spans: readonly Span[]): Spell[] {
  const probability = random.pick<number>(FAULTS[fault]);
  return Array.from({ length: random.whole(1, 3) }, () => {
    const { to: end, from: begin } = random.pick(spans);
    const from = random.whole(begin, end - 1);
    const length = LASTING.includes(fault) ? end - from : random.pick([1_000, 5_000, 20_000, 60_000, 300_000, 900_000]);
    return { fault, from, to: Math.min(from + length, end), probability };
  });
}

/** Instants for callers: anywhere, and close to where a first token of this life changes its windows. */
function someInstants(random: Random, spans: readonly Span[], life: number, start: number): number[] {
  return Array.from({ length: random.whole(6, 12) }, () => {
    const { from, to } = random.pick(spans);
    const turn = start + life * 1_000 * random.pick([2 / 3, 4 / 5, 1]) + random.whole(-3_000, 3_000);
    const isInside = spans.some((span) => span.from <= turn && turn <= span.to);
    return random.chance(0.4) && isInside ? turn : random.whole(from, to);
  });
}

/** Callers all the time: often enough that each token is in use when its tick comes. */
function everySoOften(random: Random, spans: readonly Span[], life: number): number[] {
  const gap = Math.min(life / 15, 60) * 1_000;
  return spans.flatMap(({ from, to }) =>
    Array.from(
      { length: Math.floor((to - from) / gap) },
      (_, index) => from + random.whole(index * gap, (index + 1) * gap),
    ),
  );
}
