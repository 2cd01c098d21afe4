import { type Check, list, members, only, refuse, text } from './config-values';

/** Where a credential's pair is kept. */
export interface CredentialSource {
  /**
   * The complete ARN of a Secrets Manager secret that exists already.
   * @default - the stack makes a secret named `<prefix>/<credential>`
   */
  readonly secretArn?: string;
  /**
   * The ARN of the KMS key that encrypts the secret of `secretArn`.
   * @default - the secret is encrypted with the account's key `aws/secretsmanager`
   */
  readonly kmsKeyArn?: string;
}

/** Credential name → where its pair is kept. */
export type Credentials = Readonly<Record<string, CredentialSource>>;

/** A principal of another account that may have tokens of some credentials. */
export interface Caller {
  /** A 12-digit account id, or the ARN of an IAM role. */
  readonly principal: string;
  /** Names of configured credentials. */
  readonly credentials: readonly string[];
}

const secretArn = text(
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/,
  "the secret's complete ARN, which ends in a hyphen and six characters that Secrets Manager chose: copy it from the secret's page in the console",
);

const kmsKeyArn = text(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
  'the ARN of a KMS key such as arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, not an alias or a bare id',
);

/** At most 32 characters: the name is part of paths, of the secret's name and of output names. */
const NAME = /^(?=.{1,32}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** The name of a credential that another stack has. */
export const credentialName: Check<string> = text(
  NAME,
  'the name of a credential: at most 32 lower-case letters, digits and single hyphens between them, beginning with a letter',
);

const source: Check<CredentialSource> = (value, key) => {
  const given = members(value, key, '{} for a new secret or {"secretArn": "…"} for an existing one');
  only(['secretArn', 'kmsKeyArn'], given, key);
  if (given.secretArn === undefined) {
    if (given.kmsKeyArn === undefined) return {};
    refuse(
      `${key}.kmsKeyArn stands without secretArn: name the existing secret that this key encrypts, or take the key out.`,
    );
  }
  const arn = secretArn(given.secretArn, `${key}.secretArn`);
  if (given.kmsKeyArn === undefined) return { secretArn: arn };
  return { secretArn: arn, kmsKeyArn: kmsKeyArn(given.kmsKeyArn, `${key}.kmsKeyArn`) };
};

export const credentials: Check<Credentials> = (value, key) => {
  const given = members(value, key, 'a JSON object of credential names, such as {"default":{}}');
  const names = Object.keys(given);
  if (names.length === 0) refuse(`${key} names no credential: name at least one, such as {"default":{}}.`);
  for (const name of names) {
    if (!NAME.test(name)) {
      refuse(
        `${key} has the name "${name}": use at most 32 lower-case letters, digits and single hyphens between them, beginning with a letter.`,
      );
    }
    const twin = names.find((other) => other !== name && pascalCase(other) === pascalCase(name));
    if (twin)
      refuse(
        `${key} has "${name}" and "${twin}", which share the output name ${pascalCase(name)}: rename one of them.`,
      );
  }
  return Object.fromEntries(names.map((name) => [name, source(given[name], `${key}.${name}`)]));
};

/** `sandbox-energy` → `SandboxEnergy`: the name as part of an output's name. */
export function pascalCase(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_, _hyphen, first: string) => first.toUpperCase());
}

export const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

const principal = text(
  new RegExp(`^\\d{12}$|${ROLE_ARN.source}`),
  'an account id of 12 digits in quotes or the ARN of an IAM role such as arn:aws:iam::111122223333:role/reports',
);

/** The callers, each with credentials that `configured` holds. */
export function callers(configured: Credentials): Check<readonly Caller[]> {
  const name: Check<string> = (value, key) =>
    typeof value === 'string' && Object.hasOwn(configured, value)
      ? value
      : refuse(
          `${key} is not a configured credential: use ${Object.keys(configured).join(', ')}, or add it to fiskil:credentials.`,
        );

  const caller: Check<Caller> = (value, key) => {
    const given = members(value, key, 'an object such as {"principal":"111122223333","credentials":["default"]}');
    only(['principal', 'credentials'], given, key);
    const names = list(name, 'credential names')(given.credentials, `${key}.credentials`);
    if (names.length === 0) refuse(`${key}.credentials is empty: name the credentials that this caller may use.`);
    return { principal: principal(given.principal, `${key}.principal`), credentials: names };
  };
  return list(caller, 'objects such as {"principal":"111122223333","credentials":["default"]}');
}
