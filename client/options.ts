import { type Clock, systemClock } from './clock';
import {
  type AwsCredentials,
  type AwsCredentialsProvider,
  environmentCredentials,
  givenCredentials,
} from './credentials';
import { invalidOption } from './errors';
import type { TokenEvent } from './events';
import { isSafeToSendTo, NOT_SAFE } from './origins';
import { fetchTransport, nodeTransport, type Transport } from './transport';

export interface TokenProviderOptions {
  /** The stack's output `TokenApiUrl`. The client keeps a path before `tokens/…`. It must be https, or http to this machine.
   * @default - the environment variable FISKIL_TOKEN_API_URL
   */
  readonly url?: string | URL | undefined;
  /** Allows http to another machine in `url`, for `npm start` in another container. Anyone on the network can read the tokens then. A host of
   * amazonaws.com is still refused.
   * @default false
   */
  readonly allowHttp?: boolean | undefined;
  /**
   * The name of the Fiskil key pair in the stack's configuration.
   * @default - the environment variable FISKIL_CREDENTIAL, or `default`
   */
  readonly credential?: string | undefined;
  /**
   * The region that the API is in.
   * @default - the region in the URL's execute-api host, or the environment variable AWS_REGION, or AWS_DEFAULT_REGION
   */
  readonly region?: string | undefined;
  /** The AWS credentials that sign the requests, or a function that resolves to them. The client calls it for each request.
   * @default - AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, read for each request
   */
  readonly credentials?: AwsCredentials | AwsCredentialsProvider | undefined;
  /** Sends the requests to the token API.
   * @default - node:https, whose first call in a process is faster than the global `fetch`'s
   */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Is called for what this provider does: hits, calls, refreshes, rejections and failures. The provider ignores its errors.
   * @default - none
   */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
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

/** Checks the given options. The first call looks up the others. Throws `TokenVendingError` `invalid_option`. */
export function checkGiven({ url, allowHttp, credential, region }: TokenProviderOptions): void {
  if (url !== undefined) {
    checkUrl(url, allowHttp);
  }
  if (credential !== undefined) {
    checkCredential(credential);
  }
  if (region !== undefined) {
    checkRegion(region);
  }
}

/** Throws `TokenVendingError` `invalid_option`. */
export function checkOptions(options: TokenProviderOptions, env: Record<string, string | undefined>): Settings {
  const base = checkUrl(options.url ?? env.FISKIL_TOKEN_API_URL, options.allowHttp);
  return {
    base,
    credential: checkCredential(options.credential ?? (env.FISKIL_CREDENTIAL || 'default')),
    // The host comes first: AWS_REGION is the caller's region, and the signature needs the API's region.
    region: checkRegion(options.region ?? (regionOf(base) || env.AWS_REGION || env.AWS_DEFAULT_REGION)),
    credentials: options.credentials ? givenCredentials(options.credentials) : environmentCredentials(env),
    transport: options.fetch ? fetchTransport(options.fetch) : nodeTransport(),
    clock: options.clock ?? systemClock,
  };
}

// No message quotes the refused value, because people put secrets in the wrong place.
function checkUrl(value: string | URL | undefined, allowHttp = false): URL {
  if (!value) {
    throw invalidOption(
      '`url` is missing: give it, or set FISKIL_TOKEN_API_URL, to the output TokenApiUrl of the stack.',
    );
  }
  if (!URL.canParse(String(value))) {
    throw invalidOption('`url` is not a URL; take the output TokenApiUrl of the stack.');
  }
  const url = new URL(value);
  if (!isSafeToSendTo(url, allowHttp)) {
    throw invalidOption(`\`url\` ${NOT_SAFE}`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw invalidOption('`url` must contain no user, query or fragment.');
  }
  if (!url.pathname.endsWith('/')) {
    url.pathname += '/';
  }
  return url;
}

function checkCredential(value: string): string {
  if (/^(?=.{1,32}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value)) {
    return value;
  }
  throw invalidOption(
    "`credential` (FISKIL_CREDENTIAL) must be the name of a key pair in the stack's configuration, such as default: lower-case words joined by hyphens, at most 32 characters. The pair itself belongs only in AWS Secrets Manager.",
  );
}

function checkRegion(value: string | undefined): string {
  if (!value) {
    throw invalidOption('`region` is missing: give it, or set AWS_REGION, because the host in `url` names no region.');
  }
  if (/^[a-z]{2,4}(-[a-z]+){1,2}-\d{1,2}$/.test(value)) {
    return value;
  }
  throw invalidOption('`region` (AWS_REGION, AWS_DEFAULT_REGION) must be an AWS region such as ap-southeast-2.');
}

function regionOf(url: URL): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/.exec(url.hostname)?.[1];
}
