import type { SecretVersions } from '../../lambda/rotation/steps';
import type { MintedToken, Minter, Pair } from '../../lambda/vending/types';

/** What befalls an invocation at one of its calls to the outside. */
export interface Interruption {
  /** Which of its calls: 0 for the first. */
  readonly at: number;
  readonly how: /** Killed before the call reached the other side. */
    | 'lost'
    /** Killed after the call took effect, before its answer came. */
    | 'unanswered'
    /** Frozen before the call; it goes on when thawed. */
    | 'frozen'
    /** Somebody saves the secret in the console just before. */
    | 'edited';
}

/** One invocation's doors, with an interruption in front of one call. */
export class Interruptible {
  private calls = 0;
  private stop: () => void = () => undefined;
  /** Resolves when the invocation was killed or frozen. */
  readonly stopped = new Promise<void>((resolve) => {
    this.stop = resolve;
  });
  private wake: (() => void) | undefined;

  constructor(
    private readonly interruption: Interruption | undefined,
    private readonly edit: () => void,
  ) {}

  get isFrozen(): boolean {
    return this.wake !== undefined;
  }

  thaw(): void {
    this.wake?.();
    this.wake = undefined;
  }

  versions(secret: SecretVersions): SecretVersions {
    return {
      describe: (id) => this.call(() => secret.describe(id)),
      read: (id, version) => this.call(() => secret.read(id, version)),
      fill: (id, version, text) => this.call(() => secret.fill(id, version, text)),
      promote: (id, version, from) => this.call(() => secret.promote(id, version, from)),
      giveUp: (id, version) => this.call(() => secret.giveUp(id, version)),
    };
  }

  minter(minter: Minter): Minter {
    return { mint: (pair: Pair, ms: number): Promise<MintedToken> => this.call(() => minter.mint(pair, ms)) };
  }

  private async call<T>(operation: () => Promise<T>): Promise<T> {
    const { interruption } = this;
    if (!interruption || this.calls++ !== interruption.at) {
      return operation();
    }
    switch (interruption.how) {
      case 'edited':
        this.edit();
        return operation();
      case 'frozen':
        await new Promise<void>((resolve) => {
          this.wake = resolve;
          this.stop();
        });
        return operation();
      case 'unanswered':
        await operation().catch(() => undefined);
        this.stop();
        return never();
      case 'lost':
        this.stop();
        return never();
    }
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
