import { TokenVendingError } from './errors';

/** AWS credentials in the shape that every AWS SDK for JavaScript v3 provider resolves to. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export type AwsCredentialsProvider = () => Promise<AwsCredentials>;

/** Reads the three variables at each call: a long-lived process may be given new ones. */
export function environmentCredentials(env: Record<string, string | undefined>): AwsCredentialsProvider {
  return async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
    if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
      throw noCredentials(
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set (Lambda sets them); elsewhere set them or give `credentials`, for example fromNodeProviderChain() of @aws-sdk/credential-providers.',
      );
    }
    return check({
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN || undefined,
    });
  };
}

/** The given provider, with its failures told in this client's words. */
export function givenCredentials(given: AwsCredentials | AwsCredentialsProvider): AwsCredentialsProvider {
  return async () => check(typeof given === 'function' ? await ask(given) : given);
}

async function ask(provider: AwsCredentialsProvider): Promise<AwsCredentials> {
  try {
    return await provider();
  } catch (error) {
    const advice = adviceOf(error);
    if (advice !== undefined) {
      throw noCredentials(advice, error);
    }
    // Without the error's message: a provider that cannot parse a credential process's output quotes that output in it.
    const name = error instanceof Error ? error.name : typeof error;
    throw noCredentials(`the provider given as \`credentials\` failed (${name}); call it by itself to see why.`);
  }
}

/** Errors that the AWS SDK's providers make for people to read: which command to run, which profile is missing. */
const FOR_PEOPLE = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/;

/** Its message, but of a credential process that failed: that one quotes the command and what it printed. */
function adviceOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !FOR_PEOPLE.test(error.name)) {
    return undefined;
  }
  return /^Command failed|JSON/.test(error.message) ? undefined : error.message.slice(0, 500);
}

// A stray newline would otherwise be found by the HTTP client, whose error quotes the header.
function check(credentials: AwsCredentials): AwsCredentials {
  for (const name of ['accessKeyId', 'secretAccessKey', 'sessionToken'] as const) {
    const value: unknown = credentials?.[name];
    if (value === undefined && name === 'sessionToken') {
      continue;
    }
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
      throw noCredentials(`\`${name}\` of the AWS credentials is not a string of printable characters without spaces.`);
    }
  }
  return credentials;
}

function noCredentials(sentence: string, cause?: unknown): TokenVendingError {
  return new TokenVendingError('no_credentials', sentence, { cause });
}
