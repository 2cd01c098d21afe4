import { isIPv4 } from 'node:net';
import { whyByProxy } from '../lambda/environment';
import { parsePair } from '../lambda/secret/parse-pair';
import { VendingError } from '../lambda/vending/errors';
import type { Pair } from '../lambda/vending/types';
import { DEFAULTS, tokenUrl } from '../lib/config';
import { refuse } from '../lib/config-values';
import { readOptions } from './command-line';
import { isLoopback } from './host-name';
import { type Conditions, GOOD_DAY, readConditions, WORDS } from './stand-in-conditions';

/** @param command how the person runs this, without the options */
export const helpOf = (command: string): string => `${command} [options]

Runs the token API on this machine, without an AWS account.

  --port N          the port to listen on; 0 for any free port (default 4010)
  --host ADDRESS    the IPv4 address to listen on; 0.0.0.0 for all, so that containers and other machines can call
                    (default 127.0.0.1: this machine only)
  --help            this text

Tokens come from a stand-in for Fiskil, which runs beside it. Times are written 500ms, 30s or 2m; a number alone is seconds.

  --fiskil-port N   the stand-in's port (default: the one after --port)
  --fail STATUS     it answers token requests with this HTTP status, for example 401, 429 or 503
  --for TIME        it does so for this long (default: for ever)
  --retry-after N   it sends the header Retry-After, in seconds, with these answers (default: none)
  --latency TIME    it waits this long before it answers a token request
  --life TIME       its tokens live this long (default ${GOOD_DAY.expiresIn}s)
  --revoke TIME     each of its tokens stops working this long after it was issued, although its life is longer
  --newest-only     a new token ends the older ones

You can change all of these while it runs, by the same names (retry_after, newest_only):
  curl http://127.0.0.1:4011/_control -H content-type:application/json -d '{"fail":503,"for":"30s"}'
{"fail":null} ends the failure, and {"revoke":"now"} ends all tokens issued so far.

Environment:
  FISKIL_CLIENT_ID, FISKIL_CLIENT_SECRET   the pair to mint with at Fiskil itself; without both, the stand-in answers
  FISKIL_TOKEN_URL                         where to mint with that pair (default ${DEFAULTS.tokenUrl})
`;

export interface StartOptions {
  readonly help: boolean;
  /** @default '127.0.0.1' */
  readonly host?: string;
  readonly port: number;
  /** The source of tokens; absent for the built-in stand-in. */
  readonly fiskil?: { readonly tokenUrl: string; readonly pair: Pair };
  readonly standIn?: Partial<Conditions> & { readonly port?: number };
}

type Environment = Readonly<Record<string, string | undefined>>;

const ONE = { type: 'string' } as const;
const OPTIONS = {
  help: { type: 'boolean' },
  host: ONE,
  port: ONE,
  'fiskil-port': ONE,
  fail: ONE,
  for: ONE,
  'retry-after': ONE,
  latency: ONE,
  life: ONE,
  revoke: ONE,
  'newest-only': { type: 'boolean' },
} as const;

const optionOf = (word: string) => word.replace('_', '-') as keyof typeof OPTIONS;

/**
 * @param help the command that shows the options
 * @throws ConfigurationError with one sentence, which quotes no value
 */
export function readStartOptions(
  args: readonly string[],
  env: Environment,
  help = 'npm start -- --help',
): StartOptions {
  const options = readOptions(args, OPTIONS, help);
  const port = portOf(options.port ?? '4010', '--port');
  const { host } = options;
  if (host !== undefined && !isIPv4(host)) {
    refuse('--host must be an IPv4 address of this machine, such as 0.0.0.0.');
  }
  const common = { help: options.help ?? false, port, ...(host !== undefined && { host }) };

  const words = WORDS.filter((word) => options[optionOf(word)] !== undefined);
  const conditions = readConditions(
    Object.fromEntries(words.map((word) => [word, options[optionOf(word)]])),
    (word) => `--${optionOf(word)}`,
  );
  const fiskil = readFiskil(env);
  if (fiskil) {
    const [own] = ['fiskil-port' as const, ...words.map(optionOf)].filter((name) => options[name] !== undefined);
    if (own) {
      refuse(
        `--${own} is for the stand-in: unset FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET, or leave this option out.`,
      );
    }
    if (host !== undefined && !isLoopback(host)) {
      refuse(
        '--host opens this to the network, where others could get tokens of Fiskil itself: unset FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET, so that the stand-in answers, or leave out --host.',
      );
    }
    return { ...common, fiskil };
  }
  return { ...common, standIn: { port: fiskilPort(options['fiskil-port'], port), ...conditions } };
}

function fiskilPort(given: string | undefined, port: number): number {
  if (given === undefined) {
    if (port === HIGHEST_PORT) {
      refuse('--port leaves no port after it for the stand-in: give --fiskil-port too.');
    }
    // With any free port for the API, any free port for the stand-in too.
    return port === 0 ? 0 : port + 1;
  }
  const own = portOf(given, '--fiskil-port');
  return own !== 0 && own === port ? refuse('--fiskil-port must be another port than --port.') : own;
}

const HIGHEST_PORT = 65_535;

function portOf(text: string, option: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : HIGHEST_PORT + 1;
  return port <= HIGHEST_PORT ? port : refuse(`${option} must be a whole number from 0 to ${HIGHEST_PORT}.`);
}

/** An empty variable counts as unset, because a shell can empty a variable for a single command. */
function readFiskil(env: Environment): StartOptions['fiskil'] {
  const { FISKIL_CLIENT_ID: id, FISKIL_CLIENT_SECRET: secret, FISKIL_TOKEN_URL: url } = env;
  if (!id && !secret) {
    // If the stand-in minted, it would look as if that URL had answered.
    if (url) {
      refuse('FISKIL_TOKEN_URL is set without FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET: set all, or unset it.');
    }
    return undefined;
  }
  if (!id) {
    refuse('FISKIL_CLIENT_SECRET is set without FISKIL_CLIENT_ID: set both, or neither.');
  }
  if (!secret) {
    refuse('FISKIL_CLIENT_ID is set without FISKIL_CLIENT_SECRET: set both, or neither.');
  }
  const byProxy = whyByProxy();
  if (byProxy !== undefined) {
    refuse(byProxy);
  }
  return { tokenUrl: tokenUrl(url || DEFAULTS.tokenUrl, 'FISKIL_TOKEN_URL'), pair: checkedPair(id, secret) };
}

/** Checked as the secret's text is, so that a bad paste gets the same words here. */
function checkedPair(clientId = '', clientSecret = ''): Pair {
  try {
    return parsePair(JSON.stringify({ FISKIL_CLIENT_ID: clientId, FISKIL_CLIENT_SECRET: clientSecret }), {
      clientId: 'FISKIL_CLIENT_ID',
      clientSecret: 'FISKIL_CLIENT_SECRET',
    });
  } catch (error) {
    if (!(error instanceof VendingError)) {
      throw error;
    }
    return refuse(error.detail);
  }
}
