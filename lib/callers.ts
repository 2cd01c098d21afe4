import { type Check, list, members, only, refuse, text } from './config-values';
import type { Credentials } from './credentials';

/** A principal of another account that may get tokens of some credentials. */
export interface PrincipalCaller {
  /** A 12-digit account id, or the ARN of an IAM role. */
  readonly principal: string;
  /** Names of configured credentials. */
  readonly credentials: readonly string[];
}

/** Roles in the other accounts of an AWS organization that may get tokens of some credentials. */
export interface OrganizationCaller {
  /** The organization's id, which begins with `o-`. */
  readonly organization: string;
  /** Names of IAM roles, with their paths; `*` stands for any characters, `?` for one. */
  readonly roles: readonly string[];
  /** Names of configured credentials. */
  readonly credentials: readonly string[];
}

/** Principals of other accounts, and the credentials whose tokens they may get. */
export type Caller = PrincipalCaller | OrganizationCaller;

export const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

const PRINCIPAL = '{"principal":"111122223333","credentials":["default"]}';
const ORGANIZATION = '{"organization":"o-a1b2c3d4e5","roles":["nightly-*"],"credentials":["default"]}';

const principal = text(
  new RegExp(`^\\d{12}$|${ROLE_ARN.source}`),
  'an account id of 12 digits in quotes or the ARN of an IAM role such as arn:aws:iam::111122223333:role/reports',
);

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
const organization = text(/^o-[a-z0-9]{10,32}$/, "an organization's id such as o-a1b2c3d4e5");

/** It must contain a letter or a digit, because a pattern of only wildcards would admit every role of the organization. */
const rolePattern = text(
  /^(?=.*[A-Za-z0-9])[\w+=,.@*?-]+(\/[\w+=,.@*?-]+)*$/,
  'the name of IAM roles with * for what differs, such as nightly-*, and not a wildcard alone',
);

const credentialNames = list(text(/^/, 'the name of a credential'), 'credential names');

/** The callers, without a check of their credentials' names. */
export const callers: Check<readonly Caller[]> = list(caller, `objects such as ${PRINCIPAL} or ${ORGANIZATION}`);

function caller(value: unknown, key: string): Caller {
  const given = members(value, key, `an object such as ${PRINCIPAL} or ${ORGANIZATION}`);
  const isOrganization = 'organization' in given || 'roles' in given;
  only(isOrganization ? ['organization', 'roles', 'credentials'] : ['principal', 'credentials'], given, key);
  const credentials = credentialNames(given.credentials, `${key}.credentials`);
  if (credentials.length === 0) {
    refuse(`${key}.credentials is empty: name the credentials that this caller may use.`);
  }
  if (!isOrganization) {
    return { principal: principal(given.principal, `${key}.principal`), credentials };
  }
  const roles = list(rolePattern, 'role names')(given.roles, `${key}.roles`);
  if (roles.length === 0) {
    refuse(`${key}.roles is empty: name the roles that may call.`);
  }
  return { organization: organization(given.organization, `${key}.organization`), roles, credentials };
}

/** Refuses a caller of an unknown credential. */
export function refuseUnknownCredentials(given: readonly Caller[], configured: Credentials, namespace: string): void {
  for (const [index, { credentials }] of given.entries()) {
    const unknown = credentials.findIndex((name) => !Object.hasOwn(configured, name));
    if (unknown >= 0) {
      refuse(
        `${namespace}callers[${index}].credentials[${unknown}] is not a name in ${namespace}credentials: correct it, or add it there.`,
      );
    }
  }
}

export const denied: Check<readonly string[]> = list(
  text(ROLE_ARN, 'the ARN of an IAM role with its path, such as arn:aws:iam::111122223333:role/team/reports'),
  'IAM role ARNs',
);
