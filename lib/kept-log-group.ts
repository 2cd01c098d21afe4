import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';

/**
 * A log whose lines answer who was given a token, who was refused one, and what became of a rotation, after the stack is gone too. The name
 * is generated, so a kept group is never in the way of the next deploy.
 * @param encryptionKey undefined: a key of AWS
 */
export function keptLogGroup(scope: Construct, id: string, encryptionKey: EncryptionKey | undefined): LogGroup {
  return new LogGroup(scope, id, {
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...(encryptionKey ? { encryptionKey: encryptionKey.key } : {}),
  });
}
