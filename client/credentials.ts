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
      throw new TokenVendingError(
        'no_credentials',
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set (Lambda sets them); elsewhere set them or give `credentials`, for example fromNodeProviderChain() of @aws-sdk/credential-providers.',
      );
    }
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN || undefined,
    };
  };
}

/** The given provider, with its failures told in this client's words. */
export function givenCredentials(given: AwsCredentials | AwsCredentialsProvider): AwsCredentialsProvider {
  return async () => {
    const credentials = typeof given === 'function' ? await ask(given) : given;
    if (!isNonEmpty(credentials?.accessKeyId) || !isNonEmpty(credentials.secretAccessKey)) {
      throw new TokenVendingError(
        'no_credentials',
        '`credentials` gave no `accessKeyId` and `secretAccessKey`, the two strings that a request is signed with.',
      );
    }
    return credentials;
  };
}

async function ask(provider: AwsCredentialsProvider): Promise<AwsCredentials> {
  try {
    return await provider();
  } catch (error) {
    // Its message stays out: a provider that parses what a credential process printed quotes it when the parsing fails.
    const name = error instanceof Error ? error.name : typeof error;
    throw new TokenVendingError(
      'no_credentials',
      `the provider given as \`credentials\` failed (${name}); call it by itself to see why.`,
    );
  }
}

function isNonEmpty(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
