/**
 * Takes things one by one, and handles together all that came until `later` calls back: `setImmediate` for what arrives in one turn of the
 * event loop, `process.nextTick` for what is done at one go.
 * Under load that is a multiple faster: the processor keeps at hand what it needs for the next, and there is less to ask of the system.
 */
export function gather<T>(later: (then: () => void) => void, handle: (all: readonly T[]) => void): (one: T) => void {
  let waiting: T[] = [];
  const end = () => {
    const all = waiting;
    waiting = [];
    handle(all);
  };
  return (one) => {
    if (waiting.push(one) === 1) later(end);
  };
}
