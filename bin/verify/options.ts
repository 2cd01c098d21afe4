import { ROLE_ARN } from '../../lib/callers';
import { text } from '../../lib/config-values';
import { credentialName } from '../../lib/credentials';
import { readOptions } from '../../local/command-line';

export const HELP = `npm run verify -- [--stack NAME] [--region REGION] [--credential NAME] [--url URL] [--json]
                  [--as-role ARN] [--probe-fiskil] [--rotation-dry-run]

Checks a deployed stack with the AWS credentials of this shell (variables, profile, SSO, …). It changes nothing, unless one
of the last two options says more. It prints a row for each check: ok, FAILED with what to do, or not checked with the
permission that is missing. The exit code is 0 if no row failed. It prints no token and no secret.

  --stack NAME         the stack (default "FiskilTokenVending")
  --region REGION      where it is deployed (default AWS_REGION, AWS_DEFAULT_REGION or the profile's)
  --credential NAME    the credential to get a token for (default "default")
  --url URL            the API's base URL, if it differs from the stack's output TokenApiUrl
  --json               only {"rows":[{"id","status","detail"}]} on stdout: npm --silent run verify -- --json
  --as-role ARN        call the API as this role, to see what it may do
  --probe-fiskil       ask for a second token, and see whether the first one still works at Fiskil
  --rotation-dry-run   let Secrets Manager test the rotation function; no secret is changed
  --help               this text

docs/verify.md explains each row.
`;

export interface VerifyOptions {
  readonly help: boolean;
  readonly stack: string;
  readonly region?: string;
  readonly credential: string;
  readonly url?: string;
  readonly json: boolean;
  readonly asRole?: string;
  readonly probeFiskil: boolean;
  readonly rotationDryRun: boolean;
}

const stackName = text(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'the name of a CloudFormation stack');
const region = text(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'an AWS region such as ap-southeast-2');
const roleArn = text(ROLE_ARN, 'the ARN of an IAM role such as arn:aws:iam::111122223333:role/nightly-sync');

/** @throws ConfigurationError with one sentence */
export function readVerifyOptions(args: readonly string[]): VerifyOptions {
  const values = readOptions(
    args,
    {
      help: { type: 'boolean', default: false },
      stack: { type: 'string', default: 'FiskilTokenVending' },
      region: { type: 'string' },
      credential: { type: 'string', default: 'default' },
      url: { type: 'string' },
      json: { type: 'boolean', default: false },
      'as-role': { type: 'string' },
      'probe-fiskil': { type: 'boolean', default: false },
      'rotation-dry-run': { type: 'boolean', default: false },
    },
    'npm run verify -- --help',
  );
  return {
    help: values.help,
    stack: stackName(values.stack, '--stack'),
    ...(values.region !== undefined && { region: region(values.region, '--region') }),
    credential: credentialName(values.credential, '--credential'),
    ...(values.url !== undefined && { url: values.url }),
    json: values.json,
    ...(values['as-role'] !== undefined && { asRole: roleArn(values['as-role'], '--as-role') }),
    probeFiskil: values['probe-fiskil'],
    rotationDryRun: values['rotation-dry-run'],
  };
}
