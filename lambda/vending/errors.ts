import { StoreThrottled } from '../record/store-errors';
import type { FailureCode } from '../record/types';
import type { ErrorFields, UpstreamError } from './types';

export type ErrorCode =
  | FailureCode
  | 'credential_not_configured'
  | 'invalid_request'
  | 'unknown_credential'
  | 'min_ttl_unattainable'
  | 'rejection_too_soon'
  | 'token_pending'
  | 'internal_error';

/**
 * A vend, rejection or mint that could not be done, with a stable `code`.
 * `detail` is public: it is answered to callers, so it never holds a secret, a token or anything that Fiskil said.
 */
export class VendingError extends Error {
  override readonly name = 'VendingError';

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    /** Seconds after which a repeat makes sense, where that is known. */
    readonly retryAfter?: number,
    /** The reason for the operator's log: a status or an error's code, never a message or a body from outside. */
    readonly reason?: string,
    /** What should not have happened. It is logged by its place alone. */
    cause?: unknown,
    /** What Fiskil said of its refusal, for the log: only what may stand there. */
    readonly said: UpstreamError = {},
  ) {
    super(`${code}: ${detail}`, { cause });
  }

  /** What the log says of it. */
  get fields(): ErrorFields {
    return { code: this.code, reason: this.reason, thrown: this.cause, ...this.said };
  }
}

/** What callers are told of a mint that failed. */
const DETAILS: Record<FailureCode, string> = {
  credentials_rejected:
    'Fiskil refused the client_id and client_secret of this credential; check that the two values are not swapped and that the key still exists.',
  invalid_upstream_answer: "Fiskil's answer does not match its documentation.",
  upstream_unavailable: 'Fiskil could not be reached, was too slow or answered with a server error.',
  upstream_throttled: 'Fiskil limits the rate of token requests.',
  secret_unavailable: 'The secret could not be read from AWS Secrets Manager.',
};

export function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(DETAILS, code);
}

/** A mint that failed. `reason` is for the log; `retryAfter` in seconds, where the other side named one. */
export function mintFailure(
  code: FailureCode,
  reason?: string,
  retryAfter?: number,
  said?: UpstreamError,
): VendingError {
  return new VendingError(code, DETAILS[code], retryAfter, reason, undefined, said);
}

/** A pair whose token names another Fiskil team than the secret does: it counts as refused. Neither is quoted. */
export class WrongTeam extends VendingError {
  constructor(retryAfter?: number) {
    super(
      'credentials_rejected',
      'The pair belongs to another Fiskil team than the row org_id says; correct the pair or the row.',
      retryAfter,
      'the pair belongs to another Fiskil team than the row org_id says',
    );
  }
}

/** What was thrown, as it may be answered and logged. What should not have happened is told by its name alone: a message can quote a secret. */
export function asVendingError(thrown: unknown): VendingError {
  if (thrown instanceof VendingError) {
    return thrown;
  }
  if (thrown instanceof StoreThrottled) {
    return new VendingError('token_pending', 'The table gets too many requests; try again.', 1, 'the table throttles');
  }
  const detail = 'The token service failed; its log has more under this request id.';
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return new VendingError('internal_error', detail, undefined, name, thrown);
}
