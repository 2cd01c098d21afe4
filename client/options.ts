import { type Clock, systemClock } from './clock';
import {
  type AwsCredentials,
  type AwsCredentialsProvider,
  environmentCredentials,
  givenCredentials,
} from './credentials';
import { invalidOption } from './errors';
import { isSafeToSendTo } from './origins';
import { fetchTransport, nodeTransport, type Transport } from './transport';

export interface TokenProviderOptions {
  /**
   * The stack's output `TokenApiUrl`; a path before `tokens/…` is kept. https, or http to this machine.
   * @default - the environment variable FISKIL_TOKEN_API_URL
   */
  readonly url?: string | URL | undefined;
  /**
   * The name of the Fiskil key pair in the stack's configuration.
   * @default - the environment variable FISKIL_CREDENTIAL, or `default`
   */
  readonly credential?: string | undefined;
  /**
   * The region that the API is in.
   * @default - as the URL's execute-api host says, or else the environment variable AWS_REGION
   */
  readonly region?: string | undefined;
  /**
   * What requests are signed with: AWS credentials, or a function that resolves to them, called for each request.
   * @default - AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, read for each request
   */
  readonly credentials?: AwsCredentials | AwsCredentialsProvider | undefined;
  /**
   * What requests to the token API are sent with.
   * @default - node:https, whose first call in a process is faster than the global `fetch`'s
   */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * For tests.
   * @default - the system's clocks and timers
   */
  readonly clock?: Clock | undefined;
}

export interface Settings {
  /** Ends in `/`. */
  readonly base: URL;
  readonly credential: string;
  readonly region: string;
  readonly credentials: AwsCredentialsProvider;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** Throws `TokenVendingError` `invalid_option`. */
export function checkOptions(options: TokenProviderOptions, env: Record<string, string | undefined>): Settings {
  const base = checkUrl(options.url ?? env.FISKIL_TOKEN_API_URL);
  return {
    base,
    credential: checkCredential(options.credential ?? (env.FISKIL_CREDENTIAL || 'default')),
    // The host before AWS_REGION: that one tells where the caller is, and the signature is for where the API is.
    region: checkRegion(options.region ?? (regionOf(base) || env.AWS_REGION)),
    credentials: options.credentials ? givenCredentials(options.credentials) : environmentCredentials(env),
    transport: options.fetch ? fetchTransport(options.fetch) : nodeTransport(),
    clock: options.clock ?? systemClock,
  };
}

function checkUrl(value: string | URL | undefined): URL {
  if (!value)
    throw invalidOption('`url`: give it or set FISKIL_TOKEN_API_URL, to the output TokenApiUrl of the stack.');
  if (!URL.canParse(String(value)))
    throw invalidOption('`url` is not a URL; take the output TokenApiUrl of the stack.');
  const url = new URL(value);
  if (!isSafeToSendTo(url)) throw invalidOption(`\`url\` must be https, or http to this machine, not ${url.origin}.`);
  if (url.username || url.password || url.search || url.hash) {
    throw invalidOption(`\`url\` must hold no user, query or fragment (host ${url.host}).`);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function checkCredential(value: string): string {
  if (/^(?=.{1,32}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value)) return value;
  throw invalidOption(
    `\`credential\` is ${JSON.stringify(value)}, but names are lower-case words joined by hyphens, at most 32 characters.`,
  );
}

function checkRegion(value: string | undefined): string {
  if (!value) throw invalidOption('`region`: give it or set AWS_REGION; it cannot be told from the host in `url`.');
  if (/^[a-z]{2}[a-z0-9-]*$/.test(value)) return value;
  throw invalidOption(`\`region\` is ${JSON.stringify(value)}, which is no AWS region.`);
}

function regionOf(url: URL): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/.exec(url.hostname)?.[1];
}
