import { Annotations, type Duration } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** The longest call of the client in seconds (client/token-provider.ts), if no token is stored and Fiskil is slow. */
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

/** Lambda's default is 3 seconds. That is too short when the function must wait for a token. */
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
