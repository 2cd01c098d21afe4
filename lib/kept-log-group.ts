import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';

export interface KeptLogs {
  /** undefined: a key of AWS. */
  readonly encryptionKey: EncryptionKey | undefined;
  /** Days that a line is kept. */
  readonly retentionDays: number;
}

/**
 * A log whose lines answer who was given a token, who was refused one, and what became of a rotation, after the stack is gone too. The name
 * is generated, so a kept group is never in the way of the next deploy.
 */
export function keptLogGroup(scope: Construct, id: string, { encryptionKey, retentionDays }: KeptLogs): LogGroup {
  return new LogGroup(scope, id, {
    retention: retentionDays,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...(encryptionKey ? { encryptionKey: encryptionKey.key } : {}),
  });
}
