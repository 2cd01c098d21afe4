import type { Strategy } from './strategy';
import { LIFE, pause, type World } from './world';

/** The number of environments at one rollover. Each calls once. */
export const CROWD = 1_000;

const TICK_EVERY = 60_000;

/** Milliseconds. A token with less life is of no use, because the caller's own call to Fiskil takes time. */
const USABLE = 5_000;

/** When the crowd calls: milliseconds from the instant at which the strategy's own rule replaces the token. */
export interface Pattern {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export const PATTERNS: readonly Pattern[] = [
  // It begins early enough to give XFetch the steady traffic that it is made for.
  { name: 'steady: 1,000 calls spread evenly over 5 s, from 3.5 s before', from: -3_500, to: 1_500 },
  { name: 'burst: 1,000 calls in the same instant, just after', from: 10, to: 10 },
  { name: 'after idling: 1,000 calls in the same instant, an hour later', from: 3_600_000, to: 3_600_000 },
];

/** One call as its caller sees it. Milliseconds. */
export interface Call {
  readonly duration: number;
  /** From the start of its wait for a mint, its own or another's, to its answer. 0 if it did not wait. */
  readonly wait: number;
  /** The remaining life of its token. */
  readonly left: number;
}

export interface Rollover {
  readonly answers: readonly Call[];
  /** For how long the previous token was the current one. */
  readonly usedSeconds: number;
}

/** Runs the crowd's calls at one rollover. */
export async function rollOver(
  world: World,
  strategy: Strategy,
  pattern: Pattern,
  tick: () => Promise<void>,
): Promise<Rollover> {
  const expiry = world.expiry;
  const issued = expiry - LIFE * 1_000;
  // Every strategy keeps whole seconds, rounded down.
  const turnover = Math.floor(issued / 1_000) * 1_000 + (LIFE - strategy.turnover) * 1_000 + 1;
  await ticksUntil(world, turnover + pattern.from, turnover, tick);
  const calls: Promise<Call>[] = [];
  let ticked: Promise<void> | undefined;
  for (let n = 0; n < CROWD; n++) {
    await world.waitUntil(turnover + pattern.from + ((pattern.to - pattern.from) * n) / CROWD);
    // The tick could come at any instant. The middle of the crowd is the worst one.
    if (world.now() >= turnover && n >= CROWD / 2) ticked ??= tick();
    calls.push(callOnce(world, strategy));
  }
  const answers = await Promise.all(calls);
  await ticked;
  // One late call, so that the new token is in use.
  await callOnce(world, strategy);
  const next = [...world.tokens.values()].find((at) => at > expiry) ?? expiry;
  return { answers, usedSeconds: Math.min(LIFE, (next - expiry) / 1_000) };
}

/** The quiet time until the crowd calls. It has only ticks, at whole minutes before or after the turnover. */
async function ticksUntil(world: World, instant: number, turnover: number, tick: () => Promise<void>): Promise<void> {
  const minutes = Math.ceil((world.now() - turnover) / TICK_EVERY);
  for (let at = turnover + minutes * TICK_EVERY; at < instant; at += TICK_EVERY) {
    await world.leapTo(at);
    await tick();
  }
  await world.leapTo(instant);
}

export async function callOnce(world: World, strategy: Strategy): Promise<Call> {
  let waitsSince: number | undefined;
  const startedAt = performance.now();
  const token = await strategy.call(
    world.doors(() => {
      waitsSince ??= performance.now();
    }),
  );
  const answeredAt = performance.now();
  const expiresAt = world.tokens.get(token);
  if (expiresAt === undefined) throw new Error(`${strategy.name} answered a token that Fiskil did not issue`);
  return {
    duration: answeredAt - startedAt,
    wait: waitsSince === undefined ? 0 : answeredAt - waitsSince,
    left: expiresAt - world.now(),
  };
}

export function isShort(call: Call): boolean {
  return call.left < USABLE;
}

/** Warms up the table, the connections and the compiler, so that the first strategy does not pay for all. */
export async function warmUp(world: World, strategy: Strategy): Promise<void> {
  await callOnce(world, strategy);
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 300 }, () => callOnce(world, strategy)));
    await pause(50);
  }
}
