import type { UpstreamError } from '../vending/types';

/** A failed rotation step. The message is one or two sentences for the person who pressed the button. After a `definitive` failure a repeat cannot
 * succeed. The function then removes AWSPENDING, so the next press starts a new rotation.
 */
export class RotationFailure extends Error {
  override readonly name: string = 'RotationFailure';

  constructor(
    message: string,
    readonly kind: 'definitive' | 'passing',
    /** Fiskil's error, if Fiskil refused. */
    readonly said: UpstreamError = {},
  ) {
    super(message);
  }
}

/** The version must not become current any more: it lost AWSPENDING, or somebody edited the secret after it was made. The function cannot always find
 * out which, because Secrets Manager does not list versions without labels.
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

/** A version shows no value although it has one, because reads of Secrets Manager can be older than its writes. A repeat finds the value. */
export class ValueNotShown extends RotationFailure {
  override readonly name = 'ValueNotShown';

  constructor() {
    super(
      'Secrets Manager does not show the value of a version yet. The live pair is unchanged; press "Rotate secret immediately" again.',
      'passing',
    );
  }
}
