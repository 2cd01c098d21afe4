import { TokenVendingError } from './errors';

/** AWS credentials, in the shape of the providers of the AWS SDK for JavaScript v3. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export type AwsCredentialsProvider = () => Promise<AwsCredentials>;

/** Reads the three variables at each call, because a long-lived process may get new ones. */
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

/** The given provider, with its failures as `TokenVendingError`. */
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
    // Without the error's message: it can quote the output of a credential process that could not be parsed.
    const name = error instanceof Error ? error.name : typeof error;
    throw noCredentials(`the provider given as \`credentials\` failed (${name}); call it by itself to see why.`);
  }
}

/** The AWS SDK's errors for people. They say which command to run or which profile is missing. */
const FOR_PEOPLE = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/;

/** The message of such an error. Not for a failed credential process, whose message quotes the command and its output. */
function adviceOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !FOR_PEOPLE.test(error.name)) {
    return undefined;
  }
  return /^Command failed|JSON/.test(error.message) ? undefined : error.message.slice(0, 500);
}

// Otherwise the HTTP client would find a stray newline, and its error would quote the header.
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
