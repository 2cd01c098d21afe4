import { createTokenProvider } from 'fiskil-token-vending/client';

// One for the process. It keeps the token in memory, so most calls need no request.
const tokens = createTokenProvider();

/** Calls Fiskil with `send`, which may use any HTTP library. If Fiskil refuses the token, it tries another one, once. */
export async function callFiskil<T>(send: (authorization: string) => Promise<T>): Promise<T> {
  const token = await tokens.getToken({ minTtl: 60 });
  const [sent] = await Promise.allSettled([send(`Bearer ${token}`)]);
  if (statusOf(sent.status === 'fulfilled' ? sent.value : sent.reason) === 401) {
    // If there is no other token, the caller gets Fiskil's 401.
    const other = await tokens.reject(token).catch(() => undefined);
    if (other !== undefined) return send(`Bearer ${other}`);
  }
  if (sent.status === 'rejected') throw sent.reason;
  return sent.value;
}

/** The status of an answer, or of the error that axios or got throws for one. */
function statusOf(outcome: unknown): number | undefined {
  const { status, statusCode } = Object(outcome).response ?? Object(outcome);
  return status ?? statusCode;
}
