import type { UpstreamError } from '../vending/types';
import { RotationFailure } from './failure';
import { type RotationDependencies, type RotationRequest, rotate, type Step } from './steps';

/** One line for each step. The docs name these fields, and queries use them. */
export interface RotationLine extends UpstreamError {
  readonly secret: string;
  readonly step: string;
  /** The id of the pending version. */
  readonly version: string;
  readonly outcome: 'done' | 'failed';
  /** What was done, or the failure's sentence. */
  readonly detail: string;
  readonly scopes?: readonly string[];
}

export interface RotationTelemetry {
  rotation(line: RotationLine): void;
  /** Something that should not happen: the name and the place of an error, never its message. */
  fault(error: unknown): void;
}

/** The rotation function without its wiring. Throws `RotationFailure`, so that Secrets Manager learns of the failure. */
export function createRotation(
  dependencies: RotationDependencies,
  telemetry: RotationTelemetry,
): (event: unknown) => Promise<void> {
  return async (event) => {
    const request = parseEvent(event);
    const about = { secret: request.secretId, step: request.step, version: request.version };
    try {
      const { secretName, done, ...rest } = await rotate(dependencies, request);
      telemetry.rotation({ ...about, secret: secretName, outcome: 'done', detail: done, ...rest });
    } catch (error) {
      const failure = asFailure(error, telemetry);
      telemetry.rotation({ ...about, outcome: 'failed', detail: failure.message, ...failure.said });
      throw failure;
    }
  };
}

const STEPS: Readonly<Record<string, Step>> = {
  createSecret: 'createSecret',
  setSecret: 'setSecret',
  testSecret: 'testSecret',
  finishSecret: 'finishSecret',
  // AWS's own templates have used both spellings.
  create_secret: 'createSecret',
  set_secret: 'setSecret',
  test_secret: 'testSecret',
  finish_secret: 'finishSecret',
};

/** The event also contains a `RotationToken`, which is a credential. The code neither reads nor logs it. */
function parseEvent(event: unknown): RotationRequest {
  const { Step: name, SecretId: secretId, ClientRequestToken: version } = (event ?? {}) as Record<string, unknown>;
  const step = typeof name === 'string' && Object.hasOwn(STEPS, name) ? STEPS[name] : undefined;
  if (!step || typeof secretId !== 'string' || typeof version !== 'string') {
    throw new RotationFailure(
      'This function accepts only the events of a Secrets Manager rotation, with Step, SecretId and ClientRequestToken.',
      'passing',
    );
  }
  return { step, secretId, version };
}

function asFailure(error: unknown, telemetry: RotationTelemetry): RotationFailure {
  if (error instanceof RotationFailure) {
    return error;
  }
  telemetry.fault(error);
  return new RotationFailure('The rotation function failed; its log says where.', 'passing');
}
