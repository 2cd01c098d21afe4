/**
 * Takes things one by one, and handles all that came in one turn of the event loop together, at the turn's end.
 * Under load that is a multiple faster: the processor keeps at hand what it needs for the next, and there is less to ask of the system.
 */
export function gather<T>(handle: (all: readonly T[]) => void): (one: T) => void {
  let waiting: T[] = [];
  const end = () => {
    const all = waiting;
    waiting = [];
    handle(all);
  };
  return (one) => {
    if (waiting.push(one) === 1) setImmediate(end);
  };
}
