import type { UpstreamError } from '../vending/types';

/**
 * A rotation step that could not be done. The message is one or two sentences for the person who pressed the button.
 * After a `definitive` failure a repeat cannot succeed: the version is given up, so that the next press starts afresh.
 */
export class RotationFailure extends Error {
  override readonly name: string = 'RotationFailure';

  constructor(
    message: string,
    readonly kind: 'definitive' | 'passing',
    /** What Fiskil said, where it refused. */
    readonly said: UpstreamError = {},
  ) {
    super(message);
  }
}

/**
 * The version may not become current any more: it lost AWSPENDING, or the secret was edited since it was made. Which of
 * the two cannot always be told: Secrets Manager does not list versions that have no label left.
 */
export class RotationAbandoned extends RotationFailure {
  override readonly name = 'RotationAbandoned';

  constructor() {
    super(
      'This rotation is over. Either the secret was edited while it ran, and that edit stays; or an earlier step failed for good, and its line in this log says why. If a pair is still staged, press "Rotate secret immediately" again.',
      'definitive',
    );
  }
}

/** A version that must have a value shows none: Secrets Manager's reads can lag behind its writes. A repeat finds it. */
export class ValueNotShown extends RotationFailure {
  override readonly name = 'ValueNotShown';

  constructor() {
    super(
      'Secrets Manager does not show the value of a version yet. The live pair is unchanged; press "Rotate secret immediately" again.',
      'passing',
    );
  }
}
