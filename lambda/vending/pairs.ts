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

  /** The version of AWSCURRENT; undefined if it cannot be told. Never throws. */
  async currentVersion(credential: string): Promise<string | undefined> {
    return this.current(credential).then(
      (pair) => (pair.away ? undefined : pair.version),
      () => undefined,
    );
  }

  /** Whether the pair of `version` is the one given; false if it cannot be read. Never throws. */
  async isPairOf(credential: string, version: string, { pair }: VersionedPair): Promise<boolean> {
    return this.secrets.version(credential, version).then(
      (other) => other.clientId === pair.clientId && other.clientSecret === pair.clientSecret,
      () => false,
    );
  }
}
