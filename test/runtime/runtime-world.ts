import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ENVIRONMENT } from '../../lambda/environment';
import { sha256 } from '../../lambda/sha256';
import type { Pair } from '../../lambda/vending/types';
import { BUNDLE, bundle } from '../../lib/bundle';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { apiEvent } from '../api/event';
import { createTable } from '../support/create-table';
import { DYNAMODB_ENDPOINT } from '../support/start-dynamodb';
import { runFolder } from '../support/toolbox';
import { type Aws, startAws } from './aws';
import { ExecutionEnvironment } from './execution-environment';

/** What a caller was told. */
export interface Answer {
  readonly status: number;
  /** Of a refusal. */
  readonly code?: string;
  /** Of a vend. */
  readonly token?: string;
  /** Of a vend, as the audit line has it: `memory`, `table` or `mint`. */
  readonly source?: string;
}

export interface Ask {
  /** @default 'default' */
  readonly credential?: 'default' | 'sandbox';
  /** Seconds. */
  readonly minTtl?: number;
}

const PAIRS: Record<string, Pair> = {
  'fiskil/default': { clientId: 'id-of-default', clientSecret: 'secret-of-default' },
  'fiskil/sandbox': { clientId: 'id-of-sandbox', clientSecret: 'secret-of-sandbox' },
};

/** Seconds: machines are taken to agree within this. */
const CLOCKS_DIFFER_BY = 2;

/** Bundles a function. Returns the folder that Lambda would unpack. */
export function buildTask(entry: 'handler' | 'rotation'): string {
  const folder = runFolder('runtime', entry);
  bundle(join(__dirname, '../../lambda', `${entry}.ts`), join(folder, BUNDLE));
  return folder;
}

/** What a function finds in its environment on Lambda. The keys open nothing. */
export function functionVariables(origin: string, tableName: string, tokenUrl: string): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: 'test',
    AWS_LAMBDA_FUNCTION_NAME: 'vend',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: 'vend',
    AWS_LAMBDA_LOG_STREAM_NAME: 'vend',
    AWS_ENDPOINT_URL: origin,
    [ENVIRONMENT.tableName]: tableName,
    [ENVIRONMENT.secretIds]: JSON.stringify({ default: 'fiskil/default', sandbox: 'fiskil/sandbox' }),
    [ENVIRONMENT.tokenUrl]: tokenUrl,
  };
}

/** Fiskil, AWS and any number of execution environments under one clock. */
export class RuntimeWorld {
  private readonly environments = new Map<ExecutionEnvironment, { skew: number }>();

  private constructor(
    readonly fiskil: StandIn,
    readonly aws: Aws,
    private readonly task: string,
    private readonly table: { readonly client: DynamoDBClient; readonly name: string },
    private readonly time: { ahead: number },
  ) {}

  static async open(task: string): Promise<RuntimeWorld> {
    const dynamodb = process.env[DYNAMODB_ENDPOINT];
    if (dynamodb === undefined)
      throw new Error('no DynamoDB Local: run this file as a part of the jest project runtime');
    const time = { ahead: 0 };
    const now = () => Date.now() + time.ahead;
    const client = new DynamoDBClient({
      endpoint: dynamodb,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const name = `tokens-${randomUUID()}`;
    const [fiskil, aws] = await Promise.all([
      startStandIn({ now, pairs: Object.values(PAIRS) }),
      startAws({ dynamodb, now, secret: secretText }),
      createTable(client, name),
    ]);
    return new RuntimeWorld(fiskil, aws, task, { client, name }, time);
  }

  /** Epoch milliseconds, of all but a clock that a test sets wrong. */
  now(): number {
    return Date.now() + this.time.ahead;
  }

  advance(ms: number): void {
    this.time.ahead += ms;
    for (const [environment, { skew }] of this.environments) environment.shiftClock(this.time.ahead + skew);
  }

  /** Sets one environment's clock wrong, by so many milliseconds. */
  setWrong(environment: ExecutionEnvironment, skew: number): void {
    this.environments.set(environment, { skew });
    this.advance(0);
  }

  /** A new execution environment, initialised and frozen. @param flags for Node */
  async environment(...flags: readonly string[]): Promise<ExecutionEnvironment> {
    return this.environmentWith({}, ...flags);
  }

  /** The same with more variables. */
  async environmentWith(
    more: Readonly<Record<string, string>>,
    ...flags: readonly string[]
  ): Promise<ExecutionEnvironment> {
    return this.environmentOf(this.task, more, flags);
  }

  /** One of another function than this release's. @param task the folder that Lambda would unpack */
  async environmentOf(
    task: string,
    more: Readonly<Record<string, string>> = {},
    flags: readonly string[] = [],
  ): Promise<ExecutionEnvironment> {
    const variables = { ...functionVariables(this.aws.origin, this.table.name, this.fiskil.url), ...more };
    const environment = await ExecutionEnvironment.start(task, variables, flags);
    this.setWrong(environment, 0);
    const { initError } = await environment.begun();
    if (initError) throw new Error(`${initError.errorMessage}\n${environment.output}`);
    return environment;
  }

  /** Asks for a token. Whatever the answer is, it must be one that may be given (`requireGood`). */
  async vend(environment: ExecutionEnvironment, { credential = 'default', minTtl }: Ask = {}): Promise<Answer> {
    const query = minTtl === undefined ? {} : { query: { min_ttl: [String(minTtl)] } };
    return this.call(environment, apiEvent({ path: `/tokens/${credential}`, ...query }), minTtl);
  }

  /** Says that Fiskil refused the token. */
  async reject(environment: ExecutionEnvironment, token: string): Promise<Answer> {
    const body = JSON.stringify({ token_sha256: sha256(token) });
    return this.call(environment, apiEvent({ method: 'POST', path: '/tokens/default/rejections', body }));
  }

  async tick(environment: ExecutionEnvironment): Promise<void> {
    const told = await environment.invoke({ source: 'aws.events' }, this.now());
    if (told === 'killed' || !('answer' in told)) throw new Error(`a tick came to nothing: ${JSON.stringify(told)}`);
  }

  /** The lease in the table. */
  async lease(): Promise<string | undefined> {
    const key = { TableName: this.table.name, Key: { credential: { S: 'default' } }, ConsistentRead: true };
    return (await this.table.client.send(new GetItemCommand(key))).Item?.lease_id?.S;
  }

  async close(): Promise<void> {
    await Promise.all([...this.environments.keys()].map((environment) => environment.stop()));
    await Promise.all([this.fiskil.stop(), this.aws.stop()]);
    this.table.client.destroy();
  }

  private async call(environment: ExecutionEnvironment, event: unknown, minTtl = 0): Promise<Answer> {
    const told = await environment.invoke(event, this.now());
    if (told === 'killed') return { status: 504 };
    if ('error' in told) throw new Error(`the function threw: ${JSON.stringify(told.error)}`);
    const { statusCode: status, body } = told.answer as { statusCode: number; body: string };
    const { token, code, expires_in: expiresIn } = JSON.parse(body);
    if (status !== 200) return { status, code };
    this.requireGood(token, expiresIn, minTtl);
    return { status, token, source: sourceIn(environment.lastOutput) };
  }

  /** Promises 5 and 15: a live token of Fiskil's, with the life that was asked for, and no more said of it than is true. */
  private requireGood(token: string, expiresIn: number, minTtl: number): void {
    const issued = this.fiskil.mints.find((mint) => mint.token === token);
    if (!issued) throw new Error('vended a token that Fiskil did not issue');
    const left = (issued.expiresAt - this.now()) / 1_000;
    if (!this.fiskil.isLive(token)) throw new Error(`vended a token that is not alive, with ${left} s left`);
    if (left < minTtl) throw new Error(`vended ${left} s where ${minTtl} were asked for`);
    if (expiresIn > left + CLOCKS_DIFFER_BY) throw new Error(`said ${expiresIn} s of a token with ${left} s left`);
  }
}

function secretText(id: string): string {
  const pair = PAIRS[id];
  return JSON.stringify({ client_id: pair?.clientId, client_secret: pair?.clientSecret });
}

/** The source in the last audit line of a log. */
function sourceIn(log: string): string {
  return /.*"message":"audit".*"source":"(\w+)"/s.exec(log)?.[1] ?? '';
}
