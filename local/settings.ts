import { whyByProxy } from '../lambda/environment';
import { VendingError } from '../lambda/vending/errors';
import { parsePair } from '../lambda/vending/parse-pair';
import type { Pair } from '../lambda/vending/types';
import { DEFAULTS, tokenUrl } from '../lib/config';
import { refuse } from '../lib/config-values';
import { readOptions } from './command-line';

export const HELP = `npm start -- [--port N]

Runs the token API on this machine (127.0.0.1 only), without an AWS account.

  --port N   the port to listen on; 0 takes any free one (default 4010)
  --help     this text

Environment:
  FISKIL_CLIENT_ID, FISKIL_CLIENT_SECRET   the pair to mint with at Fiskil; without both, a built-in stand-in of Fiskil answers
  FISKIL_TOKEN_URL                         where to mint with that pair (default ${DEFAULTS.tokenUrl})
`;

export interface Settings {
  readonly help: boolean;
  readonly port: number;
  /** Where tokens come from; absent for the built-in stand-in. */
  readonly fiskil?: { readonly tokenUrl: string; readonly pair: Pair };
}

/** @throws ConfigurationError with one sentence */
export function readSettings(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings {
  const { port = '4010', help = false } = readOptions(
    args,
    { port: { type: 'string' }, help: { type: 'boolean' } },
    'npm start -- --help',
  );
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) refuse('--port must be a whole number from 0 to 65535.');
  const fiskil = readFiskil(env);
  return { help, port: Number(port), ...(fiskil && { fiskil }) };
}

/** An empty variable counts as one that is not set: that is how a shell takes one back for a single command. */
function readFiskil(env: Readonly<Record<string, string | undefined>>): Settings['fiskil'] {
  const { FISKIL_CLIENT_ID: id, FISKIL_CLIENT_SECRET: secret, FISKIL_TOKEN_URL: url } = env;
  if (!id && !secret) {
    // Minting at the stand-in would look as if that URL had answered.
    if (url) refuse('FISKIL_TOKEN_URL is set without FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET: set all, or unset it.');
    return undefined;
  }
  if (!id) refuse('FISKIL_CLIENT_SECRET is set without FISKIL_CLIENT_ID: set both, or neither.');
  if (!secret) refuse('FISKIL_CLIENT_ID is set without FISKIL_CLIENT_SECRET: set both, or neither.');
  const byProxy = whyByProxy(env);
  if (byProxy !== undefined) refuse(byProxy);
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
    if (!(error instanceof VendingError)) throw error;
    return refuse(error.detail);
  }
}
