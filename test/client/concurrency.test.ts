import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../client/clock';
import { TokenVendingError } from '../../client/errors';
import { provideTokens } from '../../client/provide';
import type { Vend } from '../../client/token-api-answer';
import type { TokenApiClient } from '../../client/token-api-client';
import { MovedClock, settle } from './support';

const LIFE = 900;

interface Minted {
  readonly token: string;
  readonly expiresAt: number;
}

/** A service that answers only when the test releases a request. Some of its environments are 10 s behind the table. */
class SlowService implements TokenApiClient {
  readonly #waiting: (() => void)[] = [];
  readonly #minted: Minted[] = [];

  constructor(private readonly clock: MovedClock) {
    this.#mint();
  }

  vend(minTtl: number, _attempts: number, signal: AbortSignal): Promise<Vend> {
    return this.#answer(signal, (isBehind) => {
      const token = this.#minted.at(isBehind ? -2 : -1) ?? this.#newest();
      return this.#left(token) < Math.max(minTtl, 9) ? this.#mint() : token;
    });
  }

  reject(token: string, signal: AbortSignal): Promise<Vend> {
    return this.#answer(signal, () => (this.#newest().token === token ? this.#mint() : this.#newest()));
  }

  /** Answers the nth waiting request, or makes it fail. */
  release(n: number): void {
    this.#waiting.splice(n % Math.max(1, this.#waiting.length), 1)[0]?.();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  expiryOf(token: string): number {
    return this.#minted.find((minted) => minted.token === token)?.expiresAt ?? Number.NaN;
  }

  fate: 'answer' | 'behind' | 'fail' = 'answer';

  #answer(signal: AbortSignal, decide: (isBehind: boolean) => Minted): Promise<Vend> {
    const sentAt = instant(this.clock);
    return new Promise<Vend>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      this.#waiting.push(() => {
        if (this.fate === 'fail') return reject(new TokenVendingError('upstream_unavailable', '', { status: 503 }));
        const { token, expiresAt } = decide(this.fate === 'behind');
        const life = Math.floor((expiresAt - this.clock.now()) / 1000);
        resolve({ token, expiresAt, life, sentAt, clientId: 'c', credential: 'default', requestId: undefined });
      });
    });
  }

  #newest(): Minted {
    return this.#minted.at(-1) as Minted;
  }

  #mint(): Minted {
    const minted = { token: `t${this.#minted.length}`, expiresAt: this.clock.now() + LIFE * 1000 };
    this.#minted.push(minted);
    return minted;
  }

  #left({ expiresAt }: Minted): number {
    return (expiresAt - this.clock.now()) / 1000 - 4;
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('get' as const), minTtl: fc.constantFrom(0, 60, 600) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('reject' as const), which: fc.constantFrom(0, 0, 0, 1, 2) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), call: fc.nat(20) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('release' as const),
        which: fc.nat(5),
        fate: fc.constantFrom('answer' as const, 'answer' as const, 'behind' as const, 'fail' as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('advance' as const), seconds: fc.constantFrom(1, 20, 299, 700) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('freeze' as const), seconds: fc.constantFrom(20, 1000) }) },
  ),
  { maxLength: 40 },
);

interface Caller {
  readonly kind: 'get' | 'reject';
  readonly minTtl: number;
  /** The tokens that this call must not return: the one that it rejects, or those that were replaced before it. */
  readonly never: ReadonlySet<string>;
  readonly abort: AbortController;
  aborted: boolean;
  settled: boolean;
}

describe('in any order of calls, answers, failures, aborts and freezes', () => {
  it('each call gets a token that it may have, or a typed error, and the next call succeeds', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(0, 500, 880), async (plan, ageAtStart) => {
        const clock = new MovedClock();
        const service = new SlowService(clock);
        await clock.advance(ageAtStart * 1000);
        const tokens = provideTokens(service, clock);
        const replaced = new Set<string>();
        const callers: Caller[] = [];
        const problems: string[] = [];
        const seen = ['t0'];

        const call = (kind: 'get' | 'reject', minTtl: number, named = '') => {
          const abort = new AbortController();
          const caller: Caller = {
            kind,
            minTtl,
            never: new Set(kind === 'reject' ? [named] : replaced),
            abort,
            aborted: false,
            settled: false,
          };
          callers.push(caller);
          const { signal } = abort;
          const promise = kind === 'get' ? tokens.getToken({ minTtl, signal }) : tokens.reject(named, { signal });
          promise.then(
            (token) => {
              caller.settled = true;
              seen.unshift(token);
              if (caller.never.has(token)) problems.push(`${kind} gave ${token}, replaced before`);
              if (kind === 'reject') replaced.add(named);
              const left = (service.expiryOf(token) - clock.now()) / 1000;
              if (kind === 'get' && !(left >= minTtl && left > 0))
                problems.push(`${token} has ${left} s left, not ${minTtl}`);
            },
            (error) => {
              caller.settled = true;
              const isOwn = error === 'mine' && caller.aborted;
              if (!isOwn && !(error instanceof TokenVendingError))
                problems.push(`${kind} failed with ${String(error)}`);
            },
          );
        };

        for (const step of plan) {
          if (step.do === 'get') call('get', step.minTtl);
          if (step.do === 'reject') call('reject', 0, seen[step.which % seen.length]);
          if (step.do === 'advance') await clock.advance(step.seconds * 1000);
          if (step.do === 'freeze') clock.freeze(step.seconds * 1000);
          if (step.do === 'release') {
            service.fate = step.fate;
            service.release(step.which);
          }
          if (step.do === 'abort') {
            const caller = callers[step.call];
            if (caller && !caller.settled) {
              caller.aborted = true;
              caller.abort.abort('mine');
            }
          }
          await settle();
          if (callers.some(({ aborted, settled }) => aborted && !settled)) problems.push('an abort was not heard');
        }
        // Every call ends by itself, within the budget.
        await clock.advance(30_000);
        expect(callers.filter(({ settled }) => !settled)).toEqual([]);

        // After the last fault, the next call succeeds.
        service.fate = 'answer';
        const next = tokens.getToken();
        for (let answers = 0; answers < 3; answers++) {
          await settle();
          while (service.waiting > 0) service.release(0);
        }
        expect(replaced).not.toContain(await next);

        expect(problems).toEqual([]);
        expect(clock.waits).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });
});
