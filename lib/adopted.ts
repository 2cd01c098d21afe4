import { Annotations, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { refuse } from './config-values';

/** An existing secret or topic. */
export interface Adopted {
  /** The configuration key or property that names it, as the person wrote it. */
  readonly key: string;
  /** Undefined if it may differ from the stack's. */
  readonly account: string | undefined;
  readonly region: string;
}

/** The account and region of a stack. Possibly only CloudFormation knows them. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** The account and region in an ARN. */
export function placeIn(arn: string): Place {
  const [, , , region = '', account = ''] = arn.split(':');
  return { account, region };
}

/** Refuses resources in another account or region than the stack. They would fail in the middle of a deploy, or later. */
export function refuseForeign(adopted: readonly Adopted[], stack: Place): void {
  const differ = (one: string, other: string) =>
    !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
  for (const { key, account, region } of adopted) {
    if (differ(region, stack.region)) {
      refuse(
        `${key} is in another region than the stack: name one in this region, or deploy the stack to that region.`,
      );
    }
    if (account !== undefined && differ(account, stack.account)) {
      refuse(
        `${key} is in another account than the stack: name one in this account, because rotation works in no other.`,
      );
    }
  }
}

/** The name in a complete ARN, as the console shows it: without the hyphen and the six characters at the end. */
function secretNameOf(secretId: string): string {
  return secretId.startsWith('arn:') ? secretId.replace(/^.*:secret:/, '').replace(/-.{6}$/, '') : secretId;
}

/**
 * Refuses one secret for two credentials. Each credential adds a rotation schedule, and a secret can have only one. This applies to an existing secret and to one that the
 * stack makes.
 */
export function refuseSharedSecrets(secretIds: Readonly<Record<string, string>>, namespace: string): void {
  const names = Object.values(secretIds).map(secretNameOf);
  const second = names.findIndex((name, index) => names.indexOf(name) < index);
  if (second < 0) {
    return;
  }
  const first = names.indexOf(names[second] ?? '');
  refuse(
    `${namespace}credentials: names ${first + 1} and ${second + 1} have the same secret: each credential needs its own.`,
  );
}

/** Random characters of Secrets Manager are of one kind about once in 65 times. The end of a name nearly always is. */
const LIKE_A_WORD = /^arn:.*-([a-z]{6}|[A-Z]{6}|[A-Z][a-z]{5}|\d{6})$/;

/** Warns of an ARN that may be incomplete. AWS says only "access denied" for such an ARN. */
export function warnOfPartialArns(scope: Construct, secretIds: Readonly<Record<string, string>>): void {
  for (const [credential, secretId] of Object.entries(secretIds)) {
    if (!LIKE_A_WORD.test(secretId)) {
      continue;
    }
    Annotations.of(scope).addWarningV2(
      `fiskil:partial-arn-${credential}`,
      `The secretArn of the credential ${credential} in fiskil:credentials may be incomplete: its last six characters look like the end of the secret's name. Compare it with the secret's page in the console.`,
    );
  }
}
