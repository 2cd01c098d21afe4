import { Annotations, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { refuse } from './config-values';

/** A secret or a topic that exists already. */
export interface Adopted {
  /** How the person wrote where it is named. */
  readonly key: string;
  /** Undefined where it may be another one than the stack's. */
  readonly account: string | undefined;
  readonly region: string;
}

/** Where a stack goes; either may be known to CloudFormation only. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** What an ARN says about where its resource is. */
export function placeIn(arn: string): Place {
  const [, , , region = '', account = ''] = arn.split(':');
  return { account, region };
}

/** Refuses what is of another account or region than the stack, and so would fail in the middle of a deploy, or later. */
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

/** The name that a complete ARN holds, as the console shows it: without the hyphen and the six characters at the end. */
function secretNameOf(secretId: string): string {
  return secretId.startsWith('arn:') ? secretId.replace(/^.*:secret:/, '').replace(/-.{6}$/, '') : secretId;
}

/**
 * Refuses one secret for two credentials. Each credential adds a rotation schedule, and a secret can have only one. This holds for a secret
 * that exists and for one that the stack makes.
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

/** Characters that Secrets Manager chose are of one kind once in about 65 times; the end of a name nearly always is. */
const LIKE_A_WORD = /^arn:.*-([a-z]{6}|[A-Z]{6}|[A-Z][a-z]{5}|\d{6})$/;

/** Warns of an ARN that may be incomplete: AWS says no more of it than that access is denied. */
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
