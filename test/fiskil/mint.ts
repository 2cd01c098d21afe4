import { FiskilClient } from '../../lambda/fiskil/client';
import { VendingError } from '../../lambda/vending/errors';
import type { MintedToken } from '../../lambda/vending/types';
import { STAND_IN_PAIR } from '../../local/fiskil-stand-in';

/** More than anything on loopback needs, and less than a person waits for a test that hangs. Milliseconds. */
const AMPLE = 3_000;

/** A mint by the real client with the real `fetch`, on the real clock unless told otherwise. */
export function mintAt(url: string, timeoutMs = AMPLE, now: () => number = Date.now): Promise<MintedToken> {
  return new FiskilClient(url, now).mint(STAND_IN_PAIR, timeoutMs);
}

/** What a refused mint says: code, reason and, where there is one, `retryAfter`. Anything but a `VendingError` fails the test. */
export async function refusalOf(
  mint: Promise<MintedToken>,
): Promise<Pick<VendingError, 'code' | 'reason' | 'retryAfter'>> {
  const error = await mint.then(
    () => new Error('the mint succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof VendingError)) throw error;
  const { code, reason, retryAfter } = error;
  return { code, reason, ...(retryAfter !== undefined && { retryAfter }) };
}
