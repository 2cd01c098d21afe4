import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { type AwsCredentials, type AwsCredentialsProvider, givenCredentials } from '../../client/credentials';
import { TokenVendingError } from '../../client/errors';
import { checkOptions, type Settings } from '../../client/options';
import { refuse } from '../../lib/config-values';
import { advise } from '../vend-advice';
import type { Aws } from '../vend-aws';
import { access, sessionKeys } from './access';
import { account } from './account';
import { auditChecks } from './audit';
import { type Check, IDS, type Row, rowOf } from './check';
import type { Clients } from './clients';
import { coldStartChecks } from './cold-start';
import type { CheckContext, Clock } from './context';
import { allowedBy, once } from './finding';
import { fiskilChecks } from './fiskil';
import { keyChecks } from './key';
import type { VerifyOptions } from './options';
import { secret } from './secret';
import { Stack } from './stack';
import { table } from './table';
import { TokenApi } from './token-api';
import { watching } from './watching';

export interface VerifyDependencies {
  readonly shell: Pick<Aws, 'credentials' | 'profileRegion'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly connect: (region: string, credentials: AwsCredentials) => Clients;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly stdout: (text: string) => void;
}

const CHECKS: readonly Check[] = [
  ...[...access, ...fiskilChecks, ...auditChecks, ...table, ...secret, ...keyChecks],
  ...[...watching, ...account, ...coldStartChecks],
];

/**
 * Runs every check and prints a row for each.
 * @returns whether no row failed
 * @throws ConfigurationError if nothing can be checked, with what to do
 */
export async function verify(options: VerifyOptions, dependencies: VerifyDependencies): Promise<boolean> {
  const context = await prepare(options, dependencies).catch((error: unknown) => {
    if (!(error instanceof TokenVendingError)) {
      throw error;
    }
    return refuse(advise(error));
  });
  const running = new Map(CHECKS.map((check) => [check.id, rowOf(check, context)]));
  const rows: Row[] = [];
  for (const id of IDS) {
    const row = await running.get(id);
    if (row === undefined) {
      throw new Error(`no check has the id ${id}`);
    }
    rows.push(row);
    if (!options.json) {
      dependencies.stdout(lineOf(row));
    }
  }
  dependencies.stdout(options.json ? `${JSON.stringify({ rows })}\n` : summary(rows));
  return rows.every(({ status }) => status !== 'failed');
}

async function prepare(
  options: VerifyOptions,
  { shell, env, connect, clock, fetch }: VerifyDependencies,
): Promise<CheckContext> {
  const credentials = await shell.credentials();
  const region = options.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || (await shell.profileRegion());
  if (!region) {
    return refuse('No region is set: give --region, the region that the stack is deployed in.');
  }
  const aws = connect(region, credentials);
  const stack = await Stack.find(aws, options.stack, region);
  const caller = callerOf(options, aws, credentials);
  const url = options.url ?? stack.tokenApiUrl;
  const settings: Settings = {
    ...checkOptions({ url, credential: options.credential, region, credentials }, {}),
    // Not the client's credentials, because the client changes every failure into its own error.
    credentials: caller,
  };
  const sts = async (): Promise<STSClient> => connect(region, await caller()).sts;
  const isPrivate = async () => {
    const [api] = (await stack.template()).ofType('AWS::ApiGateway::RestApi').values();
    const { Types = [] } = (api?.EndpointConfiguration ?? {}) as { Types?: readonly string[] };
    return Types.includes('PRIVATE');
  };
  return { options, stack, aws, api: new TokenApi({ settings, sts, isPrivate }), clock, fetch };
}

/** The credentials that call the API. */
function callerOf({ asRole }: VerifyOptions, aws: Clients, credentials: AwsCredentials): AwsCredentialsProvider {
  if (asRole === undefined) {
    return givenCredentials(credentials);
  }
  return once(async () => {
    const assume = aws.sts.send(new AssumeRoleCommand({ RoleArn: asRole, RoleSessionName: 'verify' }));
    return sessionKeys((await allowedBy(`sts:AssumeRole on ${asRole}`, assume)).Credentials);
  });
}

const WORDS = { ok: 'ok', failed: 'FAILED', not_checked: 'not checked:' } as const;

function lineOf({ id, status, detail }: Row): string {
  return `${id.padEnd(18)}${WORDS[status]} ${detail}\n`;
}

function summary(rows: readonly Row[]): string {
  const count = (status: Row['status']) => rows.filter((row) => row.status === status).length;
  return `\n${count('ok')} ok, ${count('failed')} failed, ${count('not_checked')} not checked.\n`;
}
