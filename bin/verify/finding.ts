import { nameOf } from '../../lambda/aws/error-name';

/** What a check found out. `detail` holds no token, no secret, and no value of one. */
export interface Finding {
  readonly status: 'ok' | 'failed' | 'not_checked';
  readonly detail: string;
}

export function ok(detail: string): Finding {
  return { status: 'ok', detail };
}

/** @param todo what a person does about it, without a full stop */
export function failed(what: string, todo: string): Finding {
  return { status: 'failed', detail: `${what}. What to do: ${todo}.` };
}

/** @param what what the check could not be done without, such as an IAM action */
export function needing(what: string): Finding {
  return { status: 'not_checked', detail: `needs ${what}` };
}

/** Ends a check with what it found out so far. */
export class FoundWrong extends Error {
  override readonly name = 'Found';

  constructor(readonly finding: Finding) {
    super(finding.detail);
  }
}

/** A call of AWS that only an IAM action allows. Without it the check ends as "not checked". */
export async function allowedBy<T>(action: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof FoundWrong) {
      throw error;
    }
    if (isDenied(error)) {
      throw new FoundWrong(needing(action));
    }
    throw new FoundWrong(
      failed(
        `AWS did not answer ${action} (${nameOf(error)})`,
        'run this again; if that does not help, deploy the stack again',
      ),
    );
  }
}

/** AWS's services do not agree on the name. */
export function isDenied(error: unknown): boolean {
  return /^(AccessDenied|AuthorizationError|UnauthorizedOperation|UnauthorizedAccess)(Exception)?$/.test(nameOf(error));
}

/** Runs something at most once, however often it is asked for. */
export function once<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
