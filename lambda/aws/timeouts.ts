/** How long AWS may take, in milliseconds. The SDK has no timeout by default. Its `requestTimeout` only warns unless it is told to throw. It covers the
 * wait for the first byte of an answer and not the whole answer. So a signal must end an answer that never ends.
 */
export interface Timeouts {
  /** For each of at most two attempts. */
  readonly attempt: number;
  /** For the whole call. */
  readonly call: number;
}

export const DYNAMODB_TIMEOUTS: Timeouts = { attempt: 900, call: 2_000 };
export const SECRETS_MANAGER_TIMEOUTS: Timeouts = { attempt: 1_400, call: 3_000 };

/** During a freeze, all connections can end unnoticed. Each kept connection then costs a failed attempt. With one kept connection, the second attempt
 * makes a new one. The tick reads all credentials at once. Eight connections serve 100 of them in 13 rounds. A connection for each would need as many
 * TLS handshakes on a third of a processor.
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

/** Sends a request with these options of an SDK client. */
export type Send<T> = (options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** Sends, and aborts when the call's time is up. Throws what `send` throws. */
export async function inTime<T>({ call }: Timeouts, send: Send<T>): Promise<T> {
  // Not `AbortSignal.timeout`: it makes a read one percent slower, and its timers stay.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), call);
  try {
    return await send({ abortSignal: controller.signal });
  } finally {
    clearTimeout(timer);
  }
}
