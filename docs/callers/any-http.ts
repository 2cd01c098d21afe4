import { createTokenProvider, TokenVendingError } from 'fiskil-token-vending/client';

// One for the process: its memory is what makes most calls free.
const tokens = createTokenProvider();

/** Calls Fiskil by `send`, with whichever HTTP library that uses. */
export async function callFiskil(send: (authorization: string) => Promise<{ status: number }>) {
  const token = await tokens.getToken({ minTtl: 60, signal: AbortSignal.timeout(10_000) });
  const answer = await send(`Bearer ${token}`);
  // Refused: the service is told, marks the token, and answers with another one.
  return answer.status === 401 ? send(`Bearer ${await tokens.reject(token)}`) : answer;
}

/** Whether a later try makes sense; the client has made some itself. */
export function isWorthALaterTry(error: unknown): boolean {
  return error instanceof TokenVendingError && error.retryAfter !== undefined;
}
