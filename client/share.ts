import { setMaxListeners } from 'node:events';
import { type Clock, elapsedMs, type Instant, instant } from './clock';
import { TokenVendingError } from './errors';

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly startedAt: Instant;
  readonly end: AbortController;
  waiting: number;
}

/** Calls for the same thing share one piece of work, which ends within a budget whatever it waits for. */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>();

  constructor(
    private readonly clock: Clock,
    private readonly budgetMs: number,
  ) {}

  /**
   * Joins the work under way for this key or starts it. A caller whose signal is aborted leaves with the signal's
   * reason. The work goes on for the others, and ends when the last one has left.
   */
  async join(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const flight = this.#underWay(key) ?? this.#start(key, work);
    // As Node 24 has it for every signal; before that, the eleventh caller with one signal made Node warn of a leak.
    if (signal) setMaxListeners(0, signal);
    flight.waiting++;
    try {
      return await unlessAborted(flight.promise, signal);
    } finally {
      flight.waiting--;
      if (flight.waiting === 0) {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
        flight.end.abort();
      }
    }
  }

  // One older than its budget was frozen together with the environment: what it is still waiting for is gone.
  #underWay(key: string): Flight<T> | undefined {
    const flight = this.#flights.get(key);
    return flight && elapsedMs(this.clock, flight.startedAt) < this.budgetMs ? flight : undefined;
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const end = new AbortController();
    const outOfTime = new TokenVendingError('timeout', `no answer within ${this.budgetMs / 1000} s.`);
    this.clock.wait(this.budgetMs, end.signal).then(
      () => end.abort(outOfTime),
      () => {}, // the work ended first
    );
    const promise = work(end.signal);
    const flight: Flight<T> = { promise, startedAt: instant(this.clock), end, waiting: 0 };
    this.#flights.set(key, flight);
    return flight;
  }
}

/** The promise, or a rejection with the signal's reason as soon as that is aborted. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
