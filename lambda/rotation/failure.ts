/**
 * A rotation step that could not be done. The message is one or two sentences for the person who pressed the button.
 * After a `definitive` failure a repeat cannot succeed: the version is given up, so that the next press starts afresh.
 */
export class RotationFailure extends Error {
  override readonly name: string = 'RotationFailure';

  constructor(
    message: string,
    readonly kind: 'definitive' | 'passing',
  ) {
    super(message);
  }
}

/** The pending version was taken away half way: somebody edited the secret, and that edit wins. */
export class RotationAbandoned extends RotationFailure {
  override readonly name = 'RotationAbandoned';

  constructor() {
    super(
      'This rotation was abandoned: the secret was changed while it ran, and that change stands. If a pair is still staged, press "Rotate secret immediately" again.',
      'passing',
    );
  }
}
