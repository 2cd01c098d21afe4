import { parsePair } from '../../lambda/secret/parse-pair';
import { mintFailure, VendingError } from '../../lambda/vending/errors';
import type { Pair, SecretReader, VersionedPair } from '../../lambda/vending/types';
import type { Environment, World } from './environment';

interface Version {
  readonly id: string;
  readonly text: string;
}

/** What one call costs at most (lambda/aws/timeouts.ts). */
const CALL_TIMEOUT = 3_000;

/** Secrets Manager: one secret for each credential, whose newest version is AWSCURRENT and the one before AWSPREVIOUS. */
export class Secrets {
  private readonly versions = new Map<string, Version[]>();
  private count = 0;

  constructor(
    private readonly world: World,
    private readonly onEdit: (credential: string, version: string) => void,
  ) {}

  /** A new AWSCURRENT. Versions older than AWSPREVIOUS have no label left and are deleted some time. */
  put(credential: string, text: string): void {
    const id = `version-${++this.count}`;
    this.world.tell?.(() => `the secret ${credential} is now ${id}`);
    this.versions.set(credential, [{ id, text }, ...(this.versions.get(credential) ?? [])].slice(0, 2));
    this.onEdit(credential, id);
  }

  text(credential: string): string {
    return this.current(credential).text;
  }

  version(credential: string): string {
    return this.current(credential).id;
  }

  /** Whether two versions hold the same pair, as far as that can still be told. */
  holdSamePair(credential: string, version: string): boolean {
    const other = this.versions.get(credential)?.find(({ id }) => id === version);
    try {
      return other !== undefined && same(parsePair(other.text), parsePair(this.text(credential)));
    } catch {
      return false;
    }
  }

  doorOf(environment: Environment): SecretReader {
    return {
      current: (credential) => this.exchange(environment, () => this.read(credential)),
      version: async (credential, version) =>
        (await this.exchange(environment, () => this.read(credential, version))).pair,
    };
  }

  private current(credential: string): Version {
    const current = this.versions.get(credential)?.[0];
    if (!current) {
      throw new Error(`no secret was made for ${credential}`);
    }
    return current;
  }

  private read(credential: string, version = this.current(credential).id): VersionedPair {
    const found = this.versions.get(credential)?.find(({ id }) => id === version);
    if (!found) {
      throw new VendingError('credential_not_configured', 'The secret does not exist.', 2, 'ResourceNotFoundException');
    }
    return { pair: parsePair(found.text), version };
  }

  private exchange(environment: Environment, read: () => VersionedPair): Promise<VersionedPair> {
    const { faults, random } = this.world;
    const fault = faults.oneOf(['secret_unavailable', 'secret_slow']);
    if (fault) {
      environment.disturb();
      environment.lateAt = this.world.scheduler.now;
      this.world.tell?.(() => `${environment.name} reads the secret: ${fault}`);
    }
    return new Promise((resolve, reject) => {
      const unavailable = () => reject(mintFailure('secret_unavailable'));
      if (fault === 'secret_unavailable') {
        environment.in(random.pick([5, CALL_TIMEOUT]), unavailable);
        return;
      }
      const answer = () => {
        try {
          resolve(read());
        } catch (error) {
          reject(error);
        }
      };
      environment.in(fault ? random.whole(100, CALL_TIMEOUT) : random.whole(5, 40), answer, unavailable);
    });
  }
}

function same(one: Pair, other: Pair): boolean {
  return one.clientId === other.clientId && one.clientSecret === other.clientSecret;
}
