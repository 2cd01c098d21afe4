import { checkTeam } from '../fiskil/team';
import type { Token } from '../record/types';
import { SECRET_REST } from './budgets';
import { VendingError } from './errors';
import type { Clock, SecretReader, VersionedPair } from './types';

/** A pair to mint with. */
export interface KnownPair extends VersionedPair {
  /** Why AWSCURRENT could not be read: then this is the pair that was read last, and says nothing about what AWSCURRENT is now. */
  readonly away?: VendingError;
}

/** The pairs as one environment knows them: read for each mint, remembered only for when Secrets Manager is away. */
export class Pairs {
  private readonly last = new Map<string, VersionedPair>();
  private readonly unconfiguredAt = new Map<string, number>();

  constructor(
    private readonly secrets: SecretReader,
    private readonly clock: Clock,
  ) {}

  /**
   * The pair to mint with: AWSCURRENT's, or the last one that this environment read if Secrets Manager is away.
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

  /** Until when (epoch milliseconds) a secret that was found unconfigured is not read again for a caller. */
  unconfiguredUntil(credential: string): number | undefined {
    const at = this.unconfiguredAt.get(credential);
    return at === undefined || at > this.clock.now() ? undefined : at + SECRET_REST;
  }

  /**
   * Whether the pair that a token was minted with is the one given, and the token is of the team that this one must belong to;
   * false if the earlier pair cannot be read. Never throws.
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
