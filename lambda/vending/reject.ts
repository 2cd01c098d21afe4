import { decideRejection } from './decide';
import type { Doors } from './engine';
import { VendingError } from './errors';
import { claimFor, unlessThrottled } from './mint';
import { Settlement } from './settle';
import { sha256 } from './sha256';
import type { Vended } from './vended';

/** A caller's word that Fiskil refused a token. */
export interface Rejection {
  readonly credential: string;
  /** SHA-256 of the refused token, lower-case hex. */
  readonly tokenSha256: string;
}

/** Answers with a different token than the one rejected; a burst of rejections of the same one costs one mint. Throws `VendingError`. */
export async function reject(doors: Doors, rejection: Rejection): Promise<Vended> {
  const { credential } = rejection;
  const settlement = new Settlement(doors, { credential }, 'rejection');
  for (let looks = 0; ; looks++) {
    const record = await settlement.look();
    const now = doors.clock.now();
    const decision = decideRejection(record, now, rejection.tokenSha256);
    switch (decision.action) {
      case 'vend': {
        const vended = await settlement.settle(record);
        if (sha256(vended.token.value) !== rejection.tokenSha256) {
          return vended;
        }
        // The very one, which was not to be seen before: the table was out of reach, or Fiskil handed it out again.
        await settlement.pause(looks);
        break;
      }
      case 'refuse':
        throw new VendingError(
          'rejection_too_soon',
          'A replacement was forced less than 30 seconds ago; the token that is stored now came from it.',
          Math.max(1, Math.ceil((decision.until - now) / 1_000)),
        );
      case 'mark':
      case 'force': {
        settlement.requireTime();
        const claim = { ...claimFor(doors, record, now), rejectedAt: Math.floor(now / 1_000) };
        const written = await unlessThrottled(
          decision.action === 'mark'
            ? doors.store.mark(credential, decision.token.id, 'rejected')
            : doors.store.acquire(credential, claim),
        );
        if (written !== 'throttled' && written.done) {
          return settlement.settle(written.record, decision.action === 'force' ? claim.lease : undefined);
        }
        // Somebody was quicker, or the table has too much to do: look what there is then.
        await settlement.pause(looks);
      }
    }
  }
}
