import type { AwsCredentials } from '../client/credentials';
import { TokenVendingError } from '../client/errors';
import { nameOf } from '../lambda/aws/error-name';
import { refuse } from '../lib/config-values';

/** What the command needs from AWS. */
export interface Aws {
  credentials(): Promise<AwsCredentials>;
  /** The profile's region; undefined if it names none. */
  profileRegion(): Promise<string | undefined>;
  /** The value of an SSM parameter. */
  parameter(name: string, region: string, credentials: AwsCredentials): Promise<string>;
}

/** Milliseconds. Generous, for a laptop on a slow network. */
const PATIENCE = { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/** The parameter that has the URL, in words for a person. */
const PARAMETER =
  'SSM parameter /PREFIX/token-api-url (PREFIX is fiskil unless --prefix says otherwise) in the region of this shell';

/** Uses the AWS SDK. Loads its modules only when they are needed, because `--help` needs none. */
export const sdk: Aws = {
  async credentials() {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    try {
      return await fromNodeProviderChain()();
    } catch (error) {
      throw new TokenVendingError('no_credentials', whyNone(error));
    }
  },

  async profileRegion() {
    const { SSMClient } = await import('@aws-sdk/client-ssm');
    return new SSMClient().config.region().catch(() => undefined);
  },

  async parameter(name, region, credentials) {
    const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const client = new SSMClient({
      region,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      maxAttempts: 2,
      requestHandler: PATIENCE,
    });
    const { Parameter } = await client
      .send(new GetParameterCommand({ Name: name }))
      .catch((error: unknown) => refuse(whyNoParameter(error)));
    return Parameter?.Value ?? refuse(`The ${PARAMETER} has no value: deploy the stack again.`);
  },
};

/** Without the error's own text: it can quote the output of a credential process that could not be parsed. */
function whyNone(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (/\bsso\b/i.test(message) && /expired|invalid|login/i.test(message)) {
    return 'the SSO session of this shell has expired, or nobody has signed in.';
  }
  return 'this shell has no usable AWS credentials.';
}

/** The message repeats neither the prefix nor the region, because either may be a secret in the wrong place. */
function whyNoParameter(error: unknown): string {
  const kind = nameOf(error);
  const or = 'or give the URL with --url (the stack output TokenApiUrl)';
  switch (kind) {
    case 'ParameterNotFound':
      return `There is no ${PARAMETER}: set AWS_REGION to the region that the stack is deployed in, deploy it, name its fiskil:prefix with --prefix, ${or}.`;
    case 'AccessDeniedException':
      return `These AWS credentials may not read the ${PARAMETER}: allow ssm:GetParameter, ${or}.`;
    case 'ExpiredTokenException':
    case 'UnrecognizedClientException':
    case 'InvalidClientTokenId':
    case 'InvalidSignatureException':
      return `AWS refuses these credentials in the region of this shell (${kind}): get fresh ones, for example with aws sso login, and check this machine's clock.`;
    default:
      return `The ${PARAMETER} could not be read (${kind}): check the network and AWS_REGION, ${or}.`;
  }
}
