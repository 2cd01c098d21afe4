import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Pair } from '../../lambda/vending/types';
import { owner } from './aws';
import { assumeNewRole, type Rights } from './callers';
import { deploy, type Outputs } from './cdk';
import { DeployedFunction } from './deployed-function';
import { DeployedTable } from './deployed-table';
import { ACCOUNT, REGION } from './emulator';
import { type Call, type Keys, signedFetch } from './signed-request';
import { emulatorEndpoint } from './start-emulator';

export interface DeployedAs {
  readonly stack: string;
  /** Where its function mints. */
  readonly tokenUrl: string;
  /** @default ['default'] */
  readonly credentials?: readonly string[];
  /** Further keys of the configuration. @default none */
  readonly context?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** A stack of this app in the emulator, with names that are its alone. */
export class Deployment {
  readonly table: DeployedTable;
  readonly function: DeployedFunction;

  private constructor(
    readonly stack: string,
    /** What it was deployed with, for the next deploy. */
    readonly context: Readonly<Record<string, string>>,
    readonly outputs: Outputs,
  ) {
    this.table = new DeployedTable(emulatorEndpoint(), this.output('TokenTableName'));
    this.function = new DeployedFunction(emulatorEndpoint(), this.output('VendFunctionName'));
  }

  /** By the real `cdk deploy`. */
  static async deploy({ stack, tokenUrl, credentials = ['default'], context = {} }: DeployedAs): Promise<Deployment> {
    return Deployment.of(stack, {
      'fiskil:stackName': stack,
      'fiskil:prefix': prefixOf(stack),
      'fiskil:credentials': JSON.stringify(Object.fromEntries(credentials.map((name) => [name, {}]))),
      'fiskil:tokenUrl': tokenUrl,
      // The emulator knows no rotation schedules and rolls back.
      'fiskil:rotation': 'false',
      ...context,
    });
  }

  /** A stack that was deployed by other means than `cdk deploy`. */
  static existing(stack: string, outputs: Outputs): Deployment {
    return new Deployment(stack, {}, outputs);
  }

  /** The same stack again, after a destroy, with the secrets that it left behind: credential → ARN. */
  async adopting(secrets: Readonly<Record<string, string>>): Promise<Deployment> {
    const sources = Object.entries(secrets).map(([credential, secretArn]) => [credential, { secretArn }]);
    return Deployment.of(this.stack, {
      ...this.context,
      'fiskil:credentials': JSON.stringify(Object.fromEntries(sources)),
    });
  }

  private static async of(stack: string, context: Readonly<Record<string, string>>): Promise<Deployment> {
    return new Deployment(stack, context, await deploy(emulatorEndpoint(), { stack, context }));
  }

  output(name: string): string {
    const value = this.outputs[name];
    if (value === undefined) throw new Error(`${this.stack} has no output ${name}`);
    return value;
  }

  /** The base URL in a form that needs no name to resolve; the output's own is AWS's. */
  get url(): string {
    return `${emulatorEndpoint()}/_aws/execute-api/${this.apiId}/v1/`;
  }

  /** Answers the keys of a session of a new role that may have tokens of these credentials, and nothing else. */
  caller(name: string, ...credentials: readonly string[]): Promise<Keys> {
    const api = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${this.apiId}/v1`;
    const invoke = credentials.flatMap((credential) => [
      `${api}/GET/tokens/${credential}`,
      `${api}/POST/tokens/${credential}/rejections`,
    ]);
    return this.role(name, { invoke });
  }

  role(name: string, rights: Rights): Promise<Keys> {
    return assumeNewRole(emulatorEndpoint(), `${this.stack}-${name}`, rights);
  }

  /** A signed call. @param path below the base URL */
  async call(keys: Keys, path: string, call: Call = {}): Promise<Answer> {
    return toAnswer(await signedFetch(this.url + path, { keys, region: REGION }, call));
  }

  /** What a person does in the console. */
  async paste(credential: string, pair: Pair): Promise<void> {
    const secret = JSON.stringify({ client_id: pair.clientId, client_secret: pair.clientSecret });
    await new SecretsManagerClient(owner(emulatorEndpoint())).send(
      new PutSecretValueCommand({ SecretId: `${prefixOf(this.stack)}/${credential}`, SecretString: secret }),
    );
  }

  private get apiId(): string {
    const id = /^https:\/\/([a-z0-9]+)\.execute-api\./.exec(this.output('TokenApiUrl'))?.[1];
    if (id === undefined) throw new Error(`TokenApiUrl is ${this.output('TokenApiUrl')}`);
    return id;
  }
}

export async function toAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, body: (await response.json()) as Record<string, unknown> };
}

function prefixOf(stack: string): string {
  return stack.toLowerCase();
}
