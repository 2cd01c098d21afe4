import { checkTeam } from '../fiskil/team';
import type { Token } from '../record/types';
import { SECRET_REST } from './budgets';
import { VendingError } from './errors';
import type { Clock, SecretReader, VersionedPair } from './types';

/** A pair to mint with. */
export interface KnownPair extends VersionedPair {
  /** Why AWSCURRENT could not be read. Then this is the last pair that was read, and AWSCURRENT may have changed since. */
  readonly away?: VendingError;
}

/** The pairs of one environment. It reads a pair for each mint, and remembers it only for an outage of Secrets Manager. */
export class Pairs {
  private readonly last = new Map<string, VersionedPair>();
  private readonly unconfiguredAt = new Map<string, number>();

  constructor(
    private readonly secrets: SecretReader,
    private readonly clock: Clock,
  ) {}

  /** The pair to mint with: AWSCURRENT's, or the last one that this environment read if Secrets Manager cannot be read.
   * Throws `VendingError` with `credential_not_configured` or `secret_unavailable`.
   */
  async current(credential: string): Promise<KnownPair> {
    try {
      const pair = await this.secrets.current(credential);
      this.last.set(credential, pair);
      this.unconfiguredAt.delete(credential);
      return pair;
    } catch (error) {
      const last = this.last.get(credential);
      if (error instanceof VendingError && error.code === 'secret_unavailable' && last) {
        return { ...last, away: error };
      }
      if (error instanceof VendingError && error.code === 'credential_not_configured') {
        this.unconfiguredAt.set(credential, this.clock.now());
      }
      throw error;
    }
  }

  /** Until when (epoch milliseconds) this environment does not read an unconfigured secret again for a caller. */
  unconfiguredUntil(credential: string): number | undefined {
    const at = this.unconfiguredAt.get(credential);
    return at === undefined || at > this.clock.now() ? undefined : at + SECRET_REST;
  }

  /** Whether this pair minted the token, and the token belongs to the team that the pair must have. False if the earlier pair cannot be read. Never
   * throws.
   */
  async isPairOf(credential: string, token: Token, { pair }: VersionedPair): Promise<boolean> {
    try {
      const other = await this.secrets.version(credential, token.secretVersion);
      checkTeam(pair, token.value);
      return other.clientId === pair.clientId && other.clientSecret === pair.clientSecret;
    } catch {
      return false;
    }
  }
}
