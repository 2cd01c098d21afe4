import { type Check, members, only, refuse, text } from './config-values';

/** Where a credential's pair is kept. */
export interface CredentialSource {
  /** The complete ARN of an existing Secrets Manager secret.
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

const secretArn = text(
  // A name that ends with a hyphen and six letters makes a partial ARN look complete. `fiskil` has six letters, and is hardly ever a random suffix.
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-(?![Ff]iskil$|FISKIL$)[A-Za-z0-9]{6}$/,
  "the secret's complete ARN, which ends in a hyphen and six characters that Secrets Manager chose: copy it from the secret's page in the console",
);

const kmsKeyArn = text(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
  'the ARN of a KMS key such as arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, not an alias or a bare id',
);

/** At most 32 characters: the name is part of paths, of the secret's name and of output names. */
const NAME = /^(?=.{1,32}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** The name of another stack's credential. */
export const credentialName: Check<string> = text(
  NAME,
  'the name of a credential: at most 32 lower-case letters, digits and single hyphens between them, beginning with a letter',
);

const source: Check<CredentialSource> = (value, key) => {
  const given = members(value, key, '{} for a new secret or {"secretArn": "…"} for an existing one');
  only(['secretArn', 'kmsKeyArn'], given, key);
  if (given.secretArn === undefined) {
    if (given.kmsKeyArn === undefined) {
      return {};
    }
    refuse(
      `${key}.kmsKeyArn is given without secretArn: name the existing secret that this key encrypts, or remove the key.`,
    );
  }
  const arn = secretArn(given.secretArn, `${key}.secretArn`);
  if (given.kmsKeyArn === undefined) {
    return { secretArn: arn };
  }
  const keyArn = kmsKeyArn(given.kmsKeyArn, `${key}.kmsKeyArn`);
  if (keyArn.split(':')[3] !== arn.split(':')[3]) {
    refuse(
      `${key}.kmsKeyArn is in another region than the secret: name the key that encrypts the secret in its region.`,
    );
  }
  return { secretArn: arn, kmsKeyArn: keyArn };
};

/** The most credentials in one stack. They fit into a template of 500 resources with every feature (test/lib/limits.test.ts counts). The tick handles
 * all of them in parallel, so its time is not a limit.
 */
export const MOST_CREDENTIALS = 100;

export const credentials: Check<Credentials> = (value, key) => {
  const given = members(value, key, 'a JSON object of credential names, such as {"default":{}}');
  const names = Object.keys(given);
  if (names.length === 0) {
    refuse(`${key} names no credential: name at least one, such as {"default":{}}.`);
  }
  if (names.length > MOST_CREDENTIALS) {
    refuse(
      `${key} has ${names.length} names, but a stack has at most ${MOST_CREDENTIALS}: put the others into another stack, with its own stackName and prefix.`,
    );
  }
  for (const [index, name] of names.entries()) {
    // Names it by its position, because an invalid name may be a secret that was pasted here.
    if (!NAME.test(name)) {
      refuse(
        `${key}: name ${index + 1} cannot be used: a name has at most 32 lower-case letters, digits and single hyphens between them, and begins with a letter.`,
      );
    }
    const twin = names.findIndex((other, at) => at > index && pascalCase(other) === pascalCase(name));
    if (twin > 0) {
      refuse(
        `${key}: names ${index + 1} and ${twin + 1} differ only by hyphens, and names of outputs have no hyphens: rename one.`,
      );
    }
  }
  return Object.fromEntries(names.map((name) => [name, source(given[name], `${key}.${name}`)]));
};

/** `sandbox-energy` → `SandboxEnergy`: the name as part of an output's name. */
export function pascalCase(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_, _hyphen, first: string) => first.toUpperCase());
}
