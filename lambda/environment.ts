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

/** A variable that must be there. Throws an `Error` of one sentence that names it. */
export function required(variables: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = variables[name];
  if (!value) {
    throw new Error(`The environment variable ${name} is missing: deploy the function with this project's stack.`);
  }
  return value;
}

/**
 * Where to send the pair. Throws as `required` does, and where Node is told to heed proxy variables: its `fetch` would take the secret
 * to wherever HTTPS_PROXY points, and nothing would tell.
 */
export function requiredTokenUrl(variables: Readonly<Record<string, string | undefined>>): string {
  const { NODE_USE_ENV_PROXY, NODE_OPTIONS = '' } = variables;
  if (NODE_USE_ENV_PROXY === '1' || /--use[-_]env[-_]proxy/.test(NODE_OPTIONS)) {
    throw new Error('The secret goes to Fiskil by no proxy: take NODE_USE_ENV_PROXY and --use-env-proxy away.');
  }
  return required(variables, ENVIRONMENT.tokenUrl);
}

/** Reads the vending function's environment. Throws as `required` and `requiredTokenUrl` do. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  return {
    tableName: required(variables, ENVIRONMENT.tableName),
    secretIds: JSON.parse(required(variables, ENVIRONMENT.secretIds)) as Record<string, string>,
    tokenUrl: requiredTokenUrl(variables),
  };
}
