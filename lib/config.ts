import { type Caller, callers, denied, ROLE_ARN, refuseUnknownCredentials } from './callers';
import { type Check, flag, list, members, nearest, number, oneOf, only, refuse, text } from './config-values';
import { type Credentials, credentials } from './credentials';

/** The requests that the API accepts. */
export interface Throttle {
  /** Requests a second, sustained. */
  readonly rate: number;
  /** Requests at once, above the rate. */
  readonly burst: number;
}

/** The checked values of the `fiskil:` keys in cdk.json's context, with defaults. */
export interface Configuration {
  readonly stackName: string;
  readonly prefix: string;
  readonly credentials: Credentials;
  readonly callers: readonly Caller[];
  /** ARNs of roles that the API denies, even if another policy allows them. */
  readonly denied: readonly string[];
  readonly tokenUrl: string;
  readonly throttle: Throttle;
  readonly rotation: boolean;
  /** Days: the age of a pair at which "rotation due" alarms. */
  readonly rotationDays: number;
  readonly apiGatewayLogRole: boolean;
  /** Days that log lines are kept. */
  readonly logRetentionDays: number;
  readonly alarmEmail: string | undefined;
  readonly alarmTopicArn: string | undefined;
  readonly encryption: 'aws-owned' | 'customer-managed';
  readonly vpcEndpointIds: readonly string[];
  readonly secretOperators: readonly string[] | undefined;
}

const STACK_NAME = 'a CloudFormation stack name: at most 128 letters, digits and hyphens, beginning with a letter';

const isDays = (value: number) => Number.isInteger(value) && value >= 1 && value <= 3650;

/** The numbers that CloudWatch Logs accepts: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Valid at the start of a secret's name and of an SSM parameter's path. Such a path has at most 15 levels, and must not begin with aws or ssm. */
export const prefix: Check<string> = text(
  /^(?=.{1,128}$)(?!aws|ssm)[a-z0-9][\w-]*(\/[\w-]+){0,9}$/i,
  'at most 128 letters, digits, hyphens and underscores in at most 10 parts separated by single slashes, beginning with a letter or digit and not with aws or ssm',
);

/** Where Fiskil mints tokens. */
export const FISKIL = 'https://api.fiskil.com/v1/token';

/** The function sends the client secret there, so it must be https, except on this machine. */
export const tokenUrl: Check<string> = (value, key) => {
  const url = typeof value === 'string' && !/\s/.test(value) && URL.canParse(value) ? new URL(value) : null;
  if (!url) {
    return refuse(`${key} must be a complete URL such as ${FISKIL}.`);
  }
  if (url.username || url.password) {
    refuse(`${key} must not contain a user name or a password: remove them.`);
  }
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    refuse(`${key} must begin with https://, because the client secret is sent there (http:// is for loopback only).`);
  }
  if (url.hash) {
    refuse(`${key} must not contain a fragment: remove the # and what follows.`);
  }
  return value as string;
};

const throttle: Check<Throttle> = (value, key) => {
  const given = members(value, key, 'a JSON object such as {"rate":50,"burst":100}');
  only(['rate', 'burst'], given, key);
  const rate = number((each) => each > 0, 'a number above 0, in requests a second');
  const burst = number((each) => Number.isInteger(each) && each > 0, 'a whole number of requests above 0');
  return { rate: rate(given.rate, `${key}.rate`), burst: burst(given.burst, `${key}.burst`) };
};

const secretOperators: Check<readonly string[]> = (value, key) => {
  const role = text(ROLE_ARN, 'the ARN of an IAM role such as arn:aws:iam::111122223333:role/key-keeper');
  const roles = list(role, 'IAM role ARNs')(value, key);
  return roles.length > 0
    ? roles
    : refuse(`${key} is empty, which would deny everyone: name at least one role, or remove the key.`);
};

interface Key<T> {
  /** The default. */
  readonly fallback: T;
  readonly check: Check<T>;
}

/** Every key: its name without `fiskil:`, its default, and its check. Add a key here and in `Configuration`. */
const KEYS: { readonly [K in keyof Configuration]: Key<Configuration[K]> } = {
  stackName: { fallback: 'FiskilTokenVending', check: text(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, STACK_NAME) },
  prefix: { fallback: 'fiskil', check: prefix },
  credentials: { fallback: { default: {} }, check: credentials },
  callers: { fallback: [], check: callers },
  denied: { fallback: [], check: denied },
  tokenUrl: { fallback: FISKIL, check: tokenUrl },
  throttle: { fallback: { rate: 50, burst: 100 }, check: throttle },
  rotation: { fallback: true, check: flag },
  // Fiskil's guides advise rotation every 90 days.
  rotationDays: { fallback: 90, check: number(isDays, 'a whole number of days from 1 to 3650') },
  apiGatewayLogRole: { fallback: true, check: flag },
  logRetentionDays: {
    fallback: 90,
    check: number(
      (value) => RETENTION_DAYS.includes(value),
      `a number of days that CloudWatch Logs accepts: ${RETENTION_DAYS.join(', ')}`,
    ),
  },
  alarmEmail: {
    fallback: undefined,
    check: text(/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/, 'one email address such as oncall@example.com'),
  },
  alarmTopicArn: {
    fallback: undefined,
    check: text(
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
      'the ARN of a standard SNS topic such as arn:aws:sns:ap-southeast-2:111122223333:oncall',
    ),
  },
  encryption: { fallback: 'aws-owned', check: oneOf('aws-owned', 'customer-managed') },
  vpcEndpointIds: {
    fallback: [],
    check: list(text(/^vpce-[0-9a-f]{8,17}$/, 'a VPC endpoint id such as vpce-0123456789abcdef0'), 'VPC endpoint ids'),
  },
  secretOperators: { fallback: undefined, check: secretOperators },
};

const NAMES = Object.keys(KEYS) as readonly (keyof Configuration)[];

export const DEFAULTS = eachKey((name) => KEYS[name].fallback);

const NAMESPACE = 'fiskil:';

/** Reads the configuration from a CDK context. Values from cdk.json have their JSON types; values from `-c key=value` are text.
 * @throws ConfigurationError with one sentence for a person
 */
export function configuration(context: Readonly<Record<string, unknown>>): Configuration {
  refuseUnknownKeys(context);
  return checked((name) => context[`${NAMESPACE}${name}`], NAMESPACE);
}

/** Checks the given values, and adds the defaults. Messages put `namespace` before each name.
 * @throws ConfigurationError
 */
export function checked(given: (name: keyof Configuration) => unknown, namespace: string): Configuration {
  const all = eachKey((name) => {
    const value = given(name);
    return value === undefined ? KEYS[name].fallback : KEYS[name].check(value, `${namespace}${name}`);
  });
  refuseUnknownCredentials(all.callers, all.credentials, namespace);
  return all;
}

function eachKey(value: (name: keyof Configuration) => unknown): Configuration {
  return Object.fromEntries(NAMES.map((name) => [name, value(name)])) as unknown as Configuration;
}

function refuseUnknownKeys(context: Readonly<Record<string, unknown>>): void {
  const known = NAMES.map((name) => `${NAMESPACE}${name}`);
  const unknown = Object.keys(context).find((key) => key.startsWith(NAMESPACE) && !known.includes(key));
  if (unknown) {
    refuse(`${unknown} is not a key of this app: did you mean ${nearest(unknown, known)}?`);
  }
}
