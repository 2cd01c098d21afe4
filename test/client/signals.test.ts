import { describe, expect, it } from '@jest/globals';
import { unlessAborted } from '../../client/abort';
import { TokenVendingError } from '../../client/errors';
import { errorOf, problem, settle, setup, vended } from './support';

/** A signal of an older polyfill: no reason, no `removeEventListener`, no `throwIfAborted`. */
class ForeignSignal {
  aborted = false;
  readonly listeners: (() => void)[] = [];

  addEventListener(_type: string, listener: () => void): void {
    this.listeners.push(listener);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.listeners) listener();
  }
}

const foreign = () => {
  const signal = new ForeignSignal();
  return { signal: signal as unknown as AbortSignal, abort: () => signal.abort() };
};

describe('a signal of another library', () => {
  it('ends its call, and no other', async () => {
    const { api, tokens } = setup();
    const mine = foreign();
    const left = errorOf(tokens.getToken({ signal: mine.signal }));
    const stayed = tokens.getToken({ signal: foreign().signal });
    await settle();
    mine.abort();
    expect(await left).toMatchObject({ name: 'AbortError' });
    api.last().answer(vended('t1'));
    expect(await stayed).toBe('t1');
    expect(await errorOf(tokens.getToken({ signal: mine.signal }))).toMatchObject({ name: 'AbortError' });
    expect(await errorOf(tokens.reject('t1', { signal: mine.signal }))).toMatchObject({ name: 'AbortError' });
  });

  it.each([{}, { aborted: false }, 'abort'])('that is %j is refused before anything begins', async (signal) => {
    const { api, tokens } = setup();
    const options = { signal: signal as AbortSignal };
    for (const call of [() => tokens.getToken(options), () => tokens.reject('t1', options)]) {
      expect(await errorOf(call())).toMatchObject({
        code: 'invalid_option',
        message: expect.stringContaining('`signal`'),
      });
    }
    expect(api.sent).toEqual([]);
  });

  it('that throws in addEventListener fails only its own call, and leaves no unhandled rejection', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    const { api, tokens } = setup();
    const addEventListener = () => {
      throw new TypeError('Illegal invocation');
    };
    const signal = { aborted: false, addEventListener } as unknown as AbortSignal;
    expect(await errorOf(tokens.getToken({ signal }))).toMatchObject({ message: 'Illegal invocation' });
    api.script.push(vended('t1'));
    expect(await tokens.getToken()).toBe('t1');
    await settle();
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
  });
});

describe('a signal that many calls share', () => {
  it('has one listener, and none after the answer', async () => {
    let [added, removed] = [0, 0];
    const { signal } = new AbortController();
    const [add, remove] = [signal.addEventListener, signal.removeEventListener];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      added++;
      add.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      removed++;
      remove.apply(signal, args);
    };
    const { api, tokens } = setup();
    const calls = Array.from({ length: 30_000 }, () => tokens.getToken({ signal }));
    await settle();
    api.last().answer(vended('t1'));
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['t1']));
    await settle();
    expect([added, removed]).toEqual([1, 1]);
  });

  it('ends all of them', async () => {
    const mine = new AbortController();
    const calls = Array.from({ length: 50 }, () => errorOf(unlessAborted(new Promise(() => {}), mine.signal)));
    mine.abort('mine');
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['mine']));
    expect(await errorOf(unlessAborted(new Promise(() => {}), mine.signal))).toBe('mine');
  });
});

describe('when time is up while the service is down', () => {
  it('the TimeoutError has the last failure as its cause', async () => {
    const { api, clock, tokens } = setup();
    for (let n = 0; n < 9; n++) api.script.push(problem(503, 'upstream_unavailable'));
    const mine = new AbortController();
    const failure = errorOf(tokens.getToken({ signal: mine.signal }));
    await clock.advance(5_000);
    const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    mine.abort(timeout);
    expect(await failure).toBe(timeout);
    expect((await failure) as Error).toMatchObject({
      cause: expect.objectContaining({ name: 'TokenVendingError', code: 'upstream_unavailable' }),
    });
    expect(((await failure) as Error).cause).toBeInstanceOf(TokenVendingError);
  });

  it('a reason of the caller’s own stays as it is', async () => {
    const { api, clock, tokens } = setup();
    for (let n = 0; n < 9; n++) api.script.push(problem(503, 'upstream_unavailable'));
    const mine = new AbortController();
    const failure = errorOf(tokens.getToken({ signal: mine.signal }));
    await clock.advance(5_000);
    mine.abort(new Error('my reason'));
    expect(await failure).not.toHaveProperty('cause');
  });

  it('a TimeoutError before any answer has none', async () => {
    const { tokens } = setup();
    const signal = AbortSignal.timeout(1);
    const error = await errorOf(tokens.getToken({ signal }));
    expect(error).toBe(signal.reason);
    expect(error).not.toHaveProperty('cause');
  });
});
