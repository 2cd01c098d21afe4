import { TokenVendingError } from '../client/errors';
import { checkOptions } from '../client/options';
import type { Vend } from '../client/token-api-answer';
import { createTokenApiClient } from '../client/token-api-client';
import { claimsOf } from '../lambda/fiskil/claims';
import { sha256 } from '../lambda/sha256';
import { refuse } from '../lib/config-values';
import { advise } from './vend-advice';
import type { Aws } from './vend-aws';
import { HELP, readVendOptions, type VendOptions } from './vend-options';

export interface VendDependencies {
  readonly aws: Aws;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Ends the call to the token API. */
  readonly signal: () => AbortSignal;
}

/** Makes one vend and prints the result for a person. @throws ConfigurationError with what went wrong and what to do */
export async function vendCommand(args: readonly string[], dependencies: VendDependencies): Promise<void> {
  const options = readVendOptions(args);
  if (options.help) {
    return dependencies.stdout(HELP);
  }
  try {
    const vended = await ask(options, dependencies);
    const tell = options.printToken ? dependencies.stderr : dependencies.stdout;
    tell(describe(vended));
    if (options.printToken) {
      dependencies.stdout(`${vended.token}\n`);
    }
  } catch (error) {
    if (error instanceof TokenVendingError) {
      refuse(advise(error));
    }
    throw error;
  }
}

async function ask(
  { url, prefix, credential, minTtl }: VendOptions,
  { aws, env, signal }: VendDependencies,
): Promise<Vend> {
  const credentials = await aws.credentials();
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || (await aws.profileRegion());
  if (url === undefined && !region) {
    return refuse('No region is set: set AWS_REGION to the region that the stack is deployed in, or give --url.');
  }
  const settings = checkOptions(
    {
      url: url ?? (await aws.parameter(`/${prefix}/token-api-url`, region ?? '', credentials)),
      credential,
      credentials,
    },
    { AWS_REGION: region },
  );
  const limit = signal();
  try {
    // No repeats, because a person wants to see the result of the first call.
    return await createTokenApiClient(settings, Math.random).vend(minTtl, 1, limit);
  } catch (error) {
    if (!limit.aborted) {
      throw error;
    }
    throw new TokenVendingError('timeout', 'no answer from the token API in time.');
  }
}

function describe({ token, credential, clientId, expiresAt, life, requestId }: Vend): string {
  const { orgId, keyId, scopes } = claimsOf(token);
  const rows = {
    credential,
    client_id: clientId,
    org_id: told(orgId),
    key_id: told(keyId),
    scopes: told(...(scopes ?? [])),
    expires: new Date(expiresAt).toISOString().replace('.000Z', 'Z'),
    'seconds left': String(life),
    'token sha256': `${sha256(token).slice(0, 16)}…`,
    'request id': requestId ?? '-',
  };
  return Object.entries(rows)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/** Only plain names, because a token can contain any text and this goes to a terminal. */
function told(...names: readonly (string | undefined)[]): string {
  const plain = names.filter((name) => name !== undefined && /^[\x21-\x7e]{1,128}$/.test(name));
  return plain.join(' ') || 'not told';
}
