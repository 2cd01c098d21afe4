/**
 * The function's environment variables: the one thing that `lib` (which sets them) and `lambda` (which reads them) share.
 * None of them is a secret.
 */
export const ENVIRONMENT = {
  /** The table that holds one record for each credential. */
  tableName: 'TABLE_NAME',
  /** JSON: credential name → id of its secret (a name or a complete ARN), as Secrets Manager's `SecretId` takes it. */
  secretIds: 'SECRET_IDS',
  /** Where a token is minted: an https URL, or http on loopback. */
  tokenUrl: 'TOKEN_URL',
} as const;

export interface Environment {
  readonly tableName: string;
  readonly secretIds: Readonly<Record<string, string>>;
  readonly tokenUrl: string;
}

/** Reads the function's environment. Throws an `Error` of one sentence that names the variable at fault. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const required = (name: string): string => {
    const value = variables[name];
    if (!value) {
      throw new Error(`The environment variable ${name} is missing: deploy the function with this project's stack.`);
    }
    return value;
  };
  return {
    tableName: required(ENVIRONMENT.tableName),
    secretIds: JSON.parse(required(ENVIRONMENT.secretIds)) as Record<string, string>,
    tokenUrl: required(ENVIRONMENT.tokenUrl),
  };
}
