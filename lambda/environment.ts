import { globalAgent } from 'node:https';
import { complete } from './secret-ids';

/**
 * The function's environment variables. `lib` sets them and `lambda` reads them.
 * None of them is a secret.
 */
export const ENVIRONMENT = {
  /** The table that holds one record for each credential. */
  tableName: 'TABLE_NAME',
  /** JSON: credential name → id of its secret (a name or a complete ARN), as Secrets Manager's `SecretId` accepts it; or the short form of secret-ids.ts. */
  secretIds: 'SECRET_IDS',
  /** Where a token is minted: an https URL, or http on loopback. */
  tokenUrl: 'TOKEN_URL',
} as const;

export interface Environment {
  readonly tableName: string;
  readonly secretIds: Readonly<Record<string, string>>;
  readonly tokenUrl: string;
}

/** The reason why a function does not start: one sentence that names the variable, never its value. */
export class EnvironmentFault extends Error {
  override readonly name = 'EnvironmentFault';

  constructor(sentence: string) {
    super(sentence);
    // Lambda logs an error of the start two or three times, with its stack. The place adds nothing to the sentence here.
    this.stack = `${this.name}: ${sentence}`;
  }
}

/** A required variable. Throws an `EnvironmentFault`. */
export function required(variables: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = variables[name];
  if (!value) {
    throw new EnvironmentFault(
      `The environment variable ${name} is missing: deploy the function with this project's stack.`,
    );
  }
  return value;
}

/** Why the secret would go through a proxy; undefined if it goes to Fiskil directly. */
export function whyByProxy(heedsProxies = doesNodeHeedProxies()): string | undefined {
  return heedsProxies
    ? 'The secret must not go through a proxy: remove NODE_USE_ENV_PROXY and --use-env-proxy.'
    : undefined;
}

/** Asks Node what it made of its variables and options when it started, because there are more ways to write them than a pattern can know. Since
 * Node 24.5, `https` shows it in an option of its agent. `fetch` uses an agent of this name if a proxy is set.
 */
function doesNodeHeedProxies(): boolean {
  const dispatcher: object | undefined = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'));
  return globalAgent.options.proxyEnv !== undefined || dispatcher?.constructor.name === 'EnvHttpProxyAgent';
}

/** Variables that make Node log what it sends and receives: a token, or the session of the function's role. */
const DEBUGGING = ['NODE_DEBUG', 'NODE_DEBUG_NATIVE'];

/**
 * The URL to which the pair is sent. Throws as `required` does. Also throws if Node uses proxy variables, because `fetch` would then silently
 * send the pair through the proxy in HTTPS_PROXY. Also throws if Node logs what it sends.
 */
export function requiredTokenUrl(variables: Readonly<Record<string, string | undefined>>): string {
  const byProxy = whyByProxy();
  if (byProxy !== undefined) {
    throw new EnvironmentFault(byProxy);
  }
  const debugging = DEBUGGING.find((name) => variables[name]);
  if (debugging !== undefined) {
    throw new EnvironmentFault(
      `With ${debugging}, Node writes tokens and credentials to the log: remove ${debugging}.`,
    );
  }
  return required(variables, ENVIRONMENT.tokenUrl);
}

/** Reads the vending function's environment. Throws as `required` and `requiredTokenUrl` do. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  return {
    tableName: required(variables, ENVIRONMENT.tableName),
    secretIds: parseSecretIds(required(variables, ENVIRONMENT.secretIds)),
    tokenUrl: requiredTokenUrl(variables),
  };
}

function parseSecretIds(text: string): Record<string, string> {
  const ids = parseJson(text);
  if (typeof ids !== 'object' || ids === null || Object.values(ids).some((id) => typeof id !== 'string')) {
    throw new EnvironmentFault(
      `The environment variable ${ENVIRONMENT.secretIds} is not a JSON object of credentials and their secrets: deploy the function with this project's stack.`,
    );
  }
  return complete(ids as Record<string, string>);
}

/** Undefined for text that is not JSON: the parser's own message would quote it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
