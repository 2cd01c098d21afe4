import { type Check, flag, list, members, nearest, number, oneOf, only, refuse, text } from './config-values';
import { type Caller, type Credentials, callers, credentials, ROLE_ARN } from './credentials';

/** Requests that the API's stage lets through. */
export interface Throttle {
  /** Requests a second, sustained. */
  readonly rate: number;
  /** Requests at once, above the rate. */
  readonly burst: number;
}

/** What the `fiskil:` keys of cdk.json's context say, checked, with the defaults filled in. */
export interface Configuration {
  readonly stackName: string;
  readonly prefix: string;
  readonly credentials: Credentials;
  readonly callers: readonly Caller[];
  readonly tokenUrl: string;
  readonly throttle: Throttle;
  readonly rotation: boolean;
  /** Days: the age of a pair at which "rotation due" alarms. */
  readonly rotationDays: number;
  readonly apiGatewayLogRole: boolean;
  readonly alarmEmail: string | undefined;
  readonly alarmTopicArn: string | undefined;
  readonly encryption: 'aws-owned' | 'customer-managed';
  readonly vpcEndpointIds: readonly string[];
  readonly secretOperators: readonly string[] | undefined;
}

export const DEFAULTS: Configuration = {
  stackName: 'FiskilTokenVending',
  prefix: 'fiskil',
  credentials: { default: {} },
  callers: [],
  tokenUrl: 'https://api.fiskil.com/v1/token',
  throttle: { rate: 50, burst: 100 },
  rotation: true,
  // Fiskil's guides advise to rotate every 90 days.
  rotationDays: 90,
  apiGatewayLogRole: true,
  alarmEmail: undefined,
  alarmTopicArn: undefined,
  encryption: 'aws-owned',
  vpcEndpointIds: [],
  secretOperators: undefined,
};

const NAMESPACE = 'fiskil:';

/**
 * Reads the configuration from a CDK context: values from cdk.json as they are, values from `-c key=value` as text.
 * @throws ConfigurationError with one sentence for a person
 */
export function configuration(context: Readonly<Record<string, unknown>>): Configuration {
  refuseUnknownKeys(context);
  const read = <K extends keyof Configuration>(name: K, check: Check<Configuration[K]>): Configuration[K] => {
    const key = `${NAMESPACE}${name}`;
    return context[key] === undefined ? DEFAULTS[name] : check(context[key], key);
  };
  const configured = read('credentials', credentials);
  return {
    stackName: read('stackName', text(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, STACK_NAME)),
    prefix: read('prefix', prefix),
    credentials: configured,
    callers: read('callers', callers(configured)),
    tokenUrl: read('tokenUrl', tokenUrl),
    throttle: read('throttle', throttle),
    rotation: read('rotation', flag),
    rotationDays: read('rotationDays', rotationDays),
    apiGatewayLogRole: read('apiGatewayLogRole', flag),
    alarmEmail: read('alarmEmail', alarmEmail),
    alarmTopicArn: read('alarmTopicArn', alarmTopicArn),
    encryption: read('encryption', encryption),
    vpcEndpointIds: read('vpcEndpointIds', vpcEndpointIds),
    secretOperators: read('secretOperators', secretOperators),
  };
}

const STACK_NAME = 'a CloudFormation stack name: at most 128 letters, digits and hyphens, beginning with a letter';

const isDays = (value: number) => Number.isInteger(value) && value >= 1 && value <= 3650;

export const rotationDays: Check<number> = number(isDays, 'a whole number of days from 1 to 3650');

export const alarmEmail: Check<string> = text(
  /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/,
  'one email address such as oncall@example.com',
);

export const alarmTopicArn: Check<string> = text(
  /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
  'the ARN of a standard SNS topic such as arn:aws:sns:ap-southeast-2:111122223333:oncall',
);

export const vpcEndpointIds: Check<readonly string[]> = list(
  text(/^vpce-[0-9a-f]{8,17}$/, 'a VPC endpoint id such as vpce-0123456789abcdef0'),
  'VPC endpoint ids',
);

/** Legal at the start of a secret's name and of an SSM parameter's path, which takes 15 levels and no name under aws or ssm. */
export const prefix: Check<string> = text(
  /^(?=.{1,128}$)(?!aws|ssm)[a-z0-9][\w-]*(\/[\w-]+){0,9}$/i,
  'at most 128 letters, digits, hyphens and underscores in at most 10 parts separated by single slashes, beginning with a letter or digit and not with aws or ssm',
);

/** Where the client secret is sent, so nothing but https is good enough off this machine. */
export const tokenUrl: Check<string> = (value, key) => {
  const url = typeof value === 'string' && !/\s/.test(value) && URL.canParse(value) ? new URL(value) : null;
  if (!url) return refuse(`${key} must be a complete URL such as ${DEFAULTS.tokenUrl}.`);
  if (url.username || url.password) refuse(`${key} must not hold a user name or a password: take them out.`);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    refuse(`${key} must begin with https://, because the client secret is sent there (http:// is for loopback only).`);
  }
  if (url.hash) refuse(`${key} must not hold a fragment: take out the # and what follows.`);
  return value as string;
};

export const throttle: Check<Throttle> = (value, key) => {
  const given = members(value, key, 'a JSON object such as {"rate":50,"burst":100}');
  only(['rate', 'burst'], given, key);
  const rate = number((each) => each > 0, 'a number above 0, in requests a second');
  const burst = number((each) => Number.isInteger(each) && each > 0, 'a whole number of requests above 0');
  return { rate: rate(given.rate, `${key}.rate`), burst: burst(given.burst, `${key}.burst`) };
};

export const encryption: Check<Configuration['encryption']> = oneOf('aws-owned', 'customer-managed');

export const secretOperators: Check<readonly string[]> = (value, key) => {
  const role = text(ROLE_ARN, 'the ARN of an IAM role such as arn:aws:iam::111122223333:role/key-keeper');
  const roles = list(role, 'IAM role ARNs')(value, key);
  return roles.length > 0
    ? roles
    : refuse(`${key} is empty, which would shut everyone out: name at least one role, or take the key out.`);
};

function refuseUnknownKeys(context: Readonly<Record<string, unknown>>): void {
  const known = Object.keys(DEFAULTS).map((name) => `${NAMESPACE}${name}`);
  const unknown = Object.keys(context).find((key) => key.startsWith(NAMESPACE) && !known.includes(key));
  if (unknown) refuse(`${unknown} is not a key of this app: did you mean ${nearest(unknown, known)}?`);
}
