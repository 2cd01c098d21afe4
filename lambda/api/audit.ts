import { sha256 } from '../sha256';
import { secondsLeft, type Vended } from '../vending/vended';
import { isoTime } from './iso-time';

/** One line for each call: who did what, with which result. The docs name these fields, and queries use them. */
export interface AuditLine {
  /** `vend`, `reject`, or `unknown` if the API has no such request or the credential is not configured. */
  readonly action: string;
  readonly outcome: 'vended' | 'refused';
  readonly credential?: string;
  readonly caller_arn: string;
  /** The ARN of the caller's role, without a path. For a caller that is not a role, the caller's own ARN. */
  readonly caller_role: string;
  readonly caller_account: string;
  readonly source_ip: string;
  readonly request_id: string;
  readonly status: number;
  /** Of a refusal. */
  readonly code?: string;
  /** Of a vend: `memory`, `table` or `mint`. */
  readonly source?: string;
  readonly expires_at?: string;
  /** The seconds that the token had left, as in the caller's answer. */
  readonly expires_in?: number;
  /** The first 16 hex digits of the token's SHA-256. */
  readonly token_sha256_prefix?: string;
  /** For a vend after a failed mint: that failure's code. */
  readonly behind_failure?: string;
}

export type CallerFields = Pick<
  AuditLine,
  'caller_arn' | 'caller_role' | 'caller_account' | 'source_ip' | 'request_id'
>;

/** The caller, as API Gateway saw it; `-` for a missing value. */
export function callerFields(event: unknown): CallerFields {
  const context = (event as { requestContext?: Record<string, unknown> } | null)?.requestContext;
  const identity = context?.identity as Record<string, unknown> | undefined;
  return {
    caller_arn: textOf(identity?.userArn),
    caller_role: roleOf(textOf(identity?.userArn)),
    caller_account: textOf(identity?.accountId),
    source_ip: textOf(identity?.sourceIp),
    request_id: textOf(context?.requestId),
  };
}

/** The fields of the line about the token. */
export function tokenFields(
  vended: Vended,
): Pick<AuditLine, 'source' | 'expires_at' | 'expires_in' | 'token_sha256_prefix' | 'behind_failure'> {
  return {
    source: vended.source,
    expires_at: isoTime(vended.token.expiresAt),
    expires_in: secondsLeft(vended),
    token_sha256_prefix: sha256(vended.token.value).slice(0, 16),
    ...(vended.behindFailure && { behind_failure: vended.behindFailure }),
  };
}

/** `arn:aws:sts::111122223333:assumed-role/jobs/i-0abc` → `arn:aws:iam::111122223333:role/jobs`: sessions come and go. */
function roleOf(arn: string): string {
  const [, partition, account, role] = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role === undefined ? arn : `arn:${partition}:iam::${account}:role/${role}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '-';
}
