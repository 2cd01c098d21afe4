import { prefix as checkPrefix } from '../lib/config';
import { refuse } from '../lib/config-values';
import { readOptions } from '../local/command-line';

export const HELP = `npm run vend -- [--credential NAME] [--min-ttl SECONDS] [--url URL | --prefix PREFIX] [--print-token]

Asks the deployed token API for a token, signed with the AWS credentials of this shell (variables, profile, SSO, …),
and prints the result, with the Fiskil team, key and scopes that the token names. It does not print the token itself.

  --credential NAME   a name of fiskil:credentials (default "default")
  --min-ttl SECONDS   ask for a token that lives at least this long
  --url URL           the stack's output TokenApiUrl (default: the SSM parameter /PREFIX/token-api-url)
  --prefix PREFIX     the stack's fiskil:prefix (default "fiskil")
  --print-token       only the token on stdout, everything else on stderr; for a pipe: npm run --silent vend -- --print-token
  --help              this text

The region is that of the URL, or else AWS_REGION, AWS_DEFAULT_REGION or the profile's.
`;

export interface VendOptions {
  readonly help: boolean;
  readonly credential: string;
  /** Seconds; 0 for any. */
  readonly minTtl: number;
  readonly url?: string;
  readonly prefix: string;
  readonly printToken: boolean;
}

/** @throws ConfigurationError with one sentence */
export function readVendOptions(args: readonly string[]): VendOptions {
  const values = readOptions(
    args,
    {
      help: { type: 'boolean', default: false },
      credential: { type: 'string', default: 'default' },
      'min-ttl': { type: 'string', default: '0' },
      url: { type: 'string' },
      prefix: { type: 'string', default: 'fiskil' },
      'print-token': { type: 'boolean', default: false },
    },
    'npm run vend -- --help',
  );
  const minTtl = values['min-ttl'];
  // More digits than any token's life has. The service refuses a life that no token has.
  if (!/^\d{1,9}$/.test(minTtl)) {
    refuse('--min-ttl must be a whole number of seconds.');
  }
  return {
    help: values.help,
    credential: values.credential,
    minTtl: Number(minTtl),
    ...(values.url !== undefined && { url: values.url }),
    prefix: checkPrefix(values.prefix, '--prefix'),
    printToken: values['print-token'],
  };
}
