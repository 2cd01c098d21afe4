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

/** A failed vend, rejection or mint, with a stable `code`. `detail` is public: callers get it. So it never contains a secret, a token or text from
 * Fiskil.
 */
export class VendingError extends Error {
  override readonly name = 'VendingError';

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    /** The seconds to wait before a repeat, if known. */
    readonly retryAfter?: number,
    /** The reason for the operator's log: a status or an error's code, never a message or a body from outside. */
    readonly reason?: string,
    /** An unexpected error. The log gets only its place. */
    cause?: unknown,
    /** The parts of Fiskil's error that may be logged. */
    readonly said: UpstreamError = {},
  ) {
    super(`${code}: ${detail}`, { cause });
  }

  /** The fields for the log. */
  get fields(): ErrorFields {
    return { code: this.code, reason: this.reason, thrown: this.cause, ...this.said };
  }
}

/** The details that callers get for a failed mint. */
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

/** A failed mint. `reason` is for the log; `retryAfter` is in seconds, if the other side gave one. */
export function mintFailure(
  code: FailureCode,
  reason?: string,
  retryAfter?: number,
  said?: UpstreamError,
): VendingError {
  return new VendingError(code, DETAILS[code], retryAfter, reason, undefined, said);
}

/** A pair whose token names another Fiskil team than the secret. It counts as refused. The message quotes neither team. */
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

/** The thrown value as an error for the answer and the log. Of an unexpected error, only the name remains: its message can quote a secret. */
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
