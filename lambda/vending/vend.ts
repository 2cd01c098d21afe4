import type { Context } from './context';
import { decideVend, type VendRequest } from './decide';
import { VendCall } from './vend-call';
import { type Vended, vendedFrom } from './vended';
import { promisedLife, wantedLife } from './windows';

/** Gives out the current token of a credential: from memory, else from the table, else from a mint. Throws `VendingError`. */
export async function vend(context: Context, request: VendRequest): Promise<Vended> {
  const now = context.clock.now();
  const remembered = context.store.recall(request.credential);
  const decision = decideVend(remembered, now, request);
  if (decision.action === 'serve' && decision.token.vended) {
    const { token } = decision;
    // With less life than the caller would like, the table may hold a better one by now.
    if (promisedLife(token, now) >= wantedLife(token, request.minTtl)) {
      return vendedFrom(remembered, token, 'memory', now);
    }
  }
  return new VendCall(context, request).answer();
}
