/**
 * How long AWS may take, in milliseconds. The SDK has no timeout by itself; its `requestTimeout` only warns unless told to
 * throw, and covers the wait for the first byte of an answer, not the answer: an answer that never ends needs a signal.
 */
export interface Timeouts {
  /** For each of at most two attempts. */
  readonly attempt: number;
  /** For the whole call. */
  readonly call: number;
}

export const DYNAMODB_TIMEOUTS: Timeouts = { attempt: 900, call: 2_000 };
export const SECRETS_MANAGER_TIMEOUTS: Timeouts = { attempt: 1_400, call: 3_000 };

/**
 * A freeze can end all connections unnoticed, and each that is kept costs an attempt to find out. With one the second attempt makes a
 * new connection. The tick asks for all credentials at once: eight connections are enough for 100 of them in 13 rounds, where a
 * connection for each would make as many TLS handshakes in a third of a processor.
 */
const AGENT = { maxFreeSockets: 1, maxSockets: 8 };

/** The options of an SDK client. */
export function clientOptions({ attempt }: Timeouts) {
  return {
    maxAttempts: 2,
    requestHandler: {
      httpAgent: AGENT,
      httpsAgent: AGENT,
      connectionTimeout: attempt,
      requestTimeout: attempt,
      throwOnRequestTimeout: true,
    },
  };
}

/** A `send` of an SDK client, given its options. */
export type Send<T> = (options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** Sends, and aborts that when the call's time is up. Throws what `send` throws. */
export async function inTime<T>({ call }: Timeouts, send: Send<T>): Promise<T> {
  // Not `AbortSignal.timeout`, which takes a hundredth of a read more, and whose timers stay behind.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), call);
  try {
    return await send({ abortSignal: controller.signal });
  } finally {
    clearTimeout(timer);
  }
}
