import { unlessAborted } from './abort';
import { type Clock, elapsedMs, type Instant, instant } from './clock';
import { TokenVendingError } from './errors';

/** Work that ends when the signal is aborted. It reports each failed attempt. */
export type Work<T> = (signal: AbortSignal, failed: (error: TokenVendingError) => void) => Promise<T>;

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly startedAt: Instant;
  readonly end: AbortController;
  /** The last attempt's failure. */
  readonly told: { last?: TokenVendingError };
  waiting: number;
}

/** Calls for the same thing share one piece of work. The work always ends within a budget. */
export class Flights<T> {
  private readonly flights = new Map<string, Flight<T>>();

  constructor(
    private readonly clock: Clock,
    private readonly budgetMs: number,
    /** Work in the background does not keep the process alive. */
    private readonly inBackground = false,
  ) {}

  /** Joins the running work for this key, or starts it. A caller whose signal is aborted gets the signal's reason. The work continues for the others, and
   * ends when the last one has left.
   */
  async join(key: string, work: Work<T>, signal?: AbortSignal): Promise<T> {
    const flight = this.underWay(key) ?? this.start(key, work);
    flight.waiting++;
    try {
      return await unlessAborted(flight.promise, signal, () => flight.told.last);
    } finally {
      flight.waiting--;
      if (flight.waiting === 0) {
        if (this.flights.get(key) === flight) {
          this.flights.delete(key);
        }
        flight.end.abort();
      }
    }
  }

  // A flight older than its budget was frozen with the environment. Its connection no longer exists.
  private underWay(key: string): Flight<T> | undefined {
    const flight = this.flights.get(key);
    return flight && elapsedMs(this.clock, flight.startedAt) < this.budgetMs ? flight : undefined;
  }

  private start(key: string, work: Work<T>): Flight<T> {
    const end = new AbortController();
    const told: Flight<T>['told'] = {};
    const promise = work(end.signal, (error) => {
      told.last = error;
    });
    // The work may fail after the last caller has left.
    promise.catch(() => {});
    const flight: Flight<T> = { promise, startedAt: instant(this.clock), end, told, waiting: 0 };
    this.flights.set(key, flight);
    const outOfTime = new TokenVendingError('timeout', `no answer within ${this.budgetMs / 1000} s.`);
    this.clock.wait(this.budgetMs, end.signal, this.inBackground).then(
      () => end.abort(outOfTime),
      () => {}, // the work ended first
    );
    return flight;
  }
}
