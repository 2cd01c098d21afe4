/** The table throttled the call. For a write that is a lost race. It is never an outage. */
export class StoreThrottled extends Error {
  override readonly name = 'StoreThrottled';
}

/** The table could not be reached, answered 5xx or refused us. `reason` is the error's name, for the log. */
export class StoreUnreachable extends Error {
  override readonly name = 'StoreUnreachable';

  constructor(readonly reason: string) {
    super(`the table cannot be used (${reason})`);
  }
}

/** The table's answer; undefined if it throttles. */
export function unlessThrottled<T>(operation: Promise<T>): Promise<{ readonly answer: T } | undefined> {
  return operation.then(
    (answer) => ({ answer }),
    (error: unknown) => {
      if (error instanceof StoreThrottled) {
        return undefined;
      }
      throw error;
    },
  );
}
