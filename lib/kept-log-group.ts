import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';

export interface KeptLogs {
  /** Undefined for a key of AWS. */
  readonly encryptionKey: EncryptionKey | undefined;
  /** How many days a line is kept. */
  readonly retentionDays: number;
}

/** A log group that stays when the stack is deleted. Its lines say who got a token, who was refused one, and how a rotation ended. The name is generated,
 * so a kept group never blocks the next deploy.
 */
export function keptLogGroup(scope: Construct, id: string, { encryptionKey, retentionDays }: KeptLogs): LogGroup {
  return new LogGroup(scope, id, {
    retention: retentionDays,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...(encryptionKey ? { encryptionKey: encryptionKey.key } : {}),
  });
}
