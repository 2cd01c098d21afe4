import { Annotations, type Duration } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Seconds that a call of the client takes at most (client/token-provider.ts), where no token is stored and Fiskil is slow. */
const LONGEST_CALL = 30;

interface HasTimeout extends IConstruct {
  readonly timeout: Duration | undefined;
}

/**
 * Whether this is a function of the app that states its timeout. It is recognised by its members, not by `instanceof`, because a project may contain two
 * copies of the class. An imported function, or a singleton function of CDK, does not state its timeout.
 */
function saysItsTimeout(grantee: object): grantee is HasTimeout {
  return 'addEnvironment' in grantee && 'timeout' in grantee && 'node' in grantee;
}

/** Lambda's own default is 3 seconds: enough on all days but the one on which a token must be waited for. */
export function warnOfShortTimeout(grantee: IGrantable): void {
  if (!saysItsTimeout(grantee)) {
    return;
  }
  const { timeout } = grantee;
  if (timeout && (timeout.isUnresolved() || timeout.toSeconds() >= LONGEST_CALL)) {
    return;
  }
  Annotations.of(grantee).addWarningV2(
    'fiskil:caller-timeout',
    `This function may time out while it waits for a token, which can take ${LONGEST_CALL} s. Give it a timeout of ${LONGEST_CALL} s plus the time for its own work.`,
  );
}
