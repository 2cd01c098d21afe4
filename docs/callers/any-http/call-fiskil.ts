import { createTokenProvider } from 'fiskil-token-vending/client';

// One for the process: its memory is what makes most calls free.
const tokens = createTokenProvider();

/** Calls Fiskil by `send`, with whichever HTTP library that uses. A token that Fiskil refuses is replaced, once. */
export async function callFiskil<T>(send: (authorization: string) => Promise<T>): Promise<T> {
  const token = await tokens.getToken({ minTtl: 60 });
  const [sent] = await Promise.allSettled([send(`Bearer ${token}`)]);
  if (statusOf(sent.status === 'fulfilled' ? sent.value : sent.reason) === 401) {
    // Where there is no other token, Fiskil's 401 is what the caller gets.
    const other = await tokens.reject(token).catch(() => undefined);
    if (other !== undefined) return send(`Bearer ${other}`);
  }
  if (sent.status === 'rejected') throw sent.reason;
  return sent.value;
}

/** Of an answer, or of the error that axios or got throws for one. */
function statusOf(outcome: unknown): number | undefined {
  const { status, statusCode } = Object(outcome).response ?? Object(outcome);
  return status ?? statusCode;
}
