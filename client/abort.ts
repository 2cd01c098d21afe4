import { invalidOption } from './errors';

interface Listening {
  readonly waiting: Set<() => void>;
  readonly listener: () => void;
}

/** One listener for each signal. With a listener for each of 30,000 waiting calls, removing them takes seconds, and Node warns of a leak. */
const listening = new WeakMap<AbortSignal, Listening>();

/** Calls `run` when the signal is aborted. Returns a function that cancels this. */
function onAbort(signal: AbortSignal, run: () => void): () => void {
  const { waiting, listener } = listening.get(signal) ?? listen(signal);
  waiting.add(run);
  return () => {
    waiting.delete(run);
    if (waiting.size > 0) {
      return;
    }
    listening.delete(signal);
    signal.removeEventListener?.('abort', listener);
  };
}

function listen(signal: AbortSignal): Listening {
  const waiting = new Set<() => void>();
  const listener = () => {
    for (const run of [...waiting]) {
      run();
    }
  };
  signal.addEventListener('abort', listener);
  listening.set(signal, { waiting, listener });
  return { waiting, listener };
}

/** The promise, or a rejection with the signal's reason as soon as the signal is aborted. `last` returns the last failure so far. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  last: () => unknown = () => undefined,
): Promise<T> {
  if (!signal) {
    return promise;
  }
  return new Promise((resolve, reject) => {
    const abort = () => reject(explained(reasonOf(signal), last()));
    if (signal.aborted) {
      abort();
    }
    const forget = onAbort(signal, abort);
    promise.then(resolve, reject).finally(forget);
  });
}

/** Throws the reason of a signal that is already aborted, and `TokenVendingError` `invalid_option` for a value that is not a signal. Any object with
 * `aborted` and `addEventListener` counts as a signal, because test environments and polyfills have their own classes.
 */
export function checkSignal(signal: AbortSignal | null | undefined): void {
  if (signal === undefined || signal === null) {
    return;
  }
  if (typeof signal.aborted !== 'boolean' || typeof signal.addEventListener !== 'function') {
    throw invalidOption('`signal` must be an AbortSignal.');
  }
  if (signal.aborted) {
    throw reasonOf(signal);
  }
}

// Older polyfills have no `reason`.
function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException('This operation was aborted', 'AbortError');
}

/** Adds the last failure to the reason of AbortSignal.timeout, which says only that time is up. Any other reason is the caller's own and stays. */
function explained(reason: unknown, last: unknown): unknown {
  // Not `instanceof`: the signal may be of another realm.
  const timeout = reason as Error | undefined;
  if (last !== undefined && timeout?.name === 'TimeoutError' && !('cause' in timeout) && Object.isExtensible(timeout)) {
    Object.defineProperty(timeout, 'cause', { value: last, configurable: true, writable: true });
  }
  return reason;
}
