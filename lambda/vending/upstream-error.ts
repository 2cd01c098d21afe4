import { VendingError } from './errors';

/** What Fiskil said of its own error, under the names that log lines have for it: its support asks for the id. */
export interface UpstreamError {
  readonly upstream_error_id?: string;
  readonly upstream_error_name?: string;
}

/** A mint that Fiskil refused, and what it said. That is for the log alone, and only in a form that may stand there. */
export class UpstreamRefusal extends VendingError {
  constructor(
    { code, detail, retryAfter, reason }: VendingError,
    readonly said: UpstreamError,
  ) {
    super(code, detail, retryAfter, reason);
  }
}

/** What Fiskil said, where that is why something failed. */
export function saidIn(error: unknown): UpstreamError {
  return error instanceof UpstreamRefusal ? error.said : {};
}
