import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { METRICS } from '../lambda/metrics';

/** What is watched. */
export interface Watched {
  /** The names of the configured credentials. */
  readonly credentials: readonly string[];
  /** The function that vends: its metrics carry its name. */
  readonly vend: LambdaFunction;
  /** The rotation function; undefined where rotation is left out. */
  readonly rotation: LambdaFunction | undefined;
  readonly rotationDays: number;
  readonly api: RestApi;
}

/** One alarm. What to do about it is told in docs/runbook.md, under its `name`. */
export interface AlarmSpec {
  readonly name: string;
  /** Whose: a credential, unless it is about all of them. */
  readonly credential?: string;
  readonly metric: IMetric;
  /** Alarms at this and above. */
  readonly threshold: number;
  /** Alarms below the threshold instead. @default - false */
  readonly below?: boolean;
  /** How many periods in a row. @default - one */
  readonly periods?: number;
  /** What no data means. @default - all is well */
  readonly missing?: TreatMissingData;
  /** What happened, in one sentence. */
  readonly description: string;
}

/** Metrics come with the ticks, once a minute; five of them, so that one late tick changes nothing. */
export const PERIOD = Duration.minutes(5);

/**
 * A token of 900 s, Fiskil's usual, is replaced after two thirds of its life: 6 an hour. Five times that is more than
 * rotations and rejections now and then add, and what tokens of 3 minutes would need, the shortest that the tick can keep.
 */
const MINTS_AN_HOUR = 30;

export function credentialMetric({ vend }: Watched, credential: string, metricName: string, statistic: string): Metric {
  return new Metric({
    namespace: METRICS.namespace,
    metricName,
    dimensionsMap: { service: vend.functionName, credential },
    statistic,
    period: PERIOD,
  });
}

export function alarmSpecs(watched: Watched): AlarmSpec[] {
  return [
    ...watched.credentials.flatMap((credential) => credentialAlarms(watched, credential)),
    ...serviceAlarms(watched),
    ...rotationAlarms(watched),
  ];
}

function credentialAlarms(watched: Watched, credential: string): AlarmSpec[] {
  const sum = (name: string) => credentialMetric(watched, credential, name, 'Sum');
  return [
    {
      name: 'no-token',
      credential,
      metric: sum(METRICS.unserved),
      // One is enough: before such an answer the call has waited as long as it may, and tried again meanwhile.
      threshold: 1,
      description: `A caller of the credential ${credential} was left without a token.`,
    },
    {
      name: 'pair-rejected',
      credential,
      metric: sum(METRICS.failure('credentials_rejected')),
      // One is enough: Fiskil has said no, and only a person can change the pair.
      threshold: 1,
      description: `Fiskil refuses the pair of the credential ${credential}; a token that is still valid is served until it expires.`,
    },
    {
      name: 'secret-unusable',
      credential,
      metric: sum(METRICS.failure('credential_not_configured')),
      // One is enough: a secret in which nothing is pasted yet is counted only when somebody asks for its token.
      threshold: 1,
      description: `The secret of the credential ${credential} does not hold a pair; a token that is still valid is served until it expires.`,
    },
    {
      name: 'secret-unavailable',
      credential,
      metric: sum(METRICS.failure('secret_unavailable')),
      // Each tick that could not read the secret counts: most of the five of a period, and again in the next. One blip is less.
      threshold: 3,
      periods: 2,
      description: `The secret of the credential ${credential} could not be read for ten minutes: environments that remember the pair go on with it, new ones cannot mint.`,
    },
    {
      name: 'table-unreachable',
      credential,
      // Counted for the credential whose call noticed it first: with several, one of their alarms stands for all.
      metric: sum(METRICS.tableUnreachable),
      // An environment leaves the table alone for 10 s, so that each tick that cannot use it counts.
      threshold: 1,
      // A connection that broke is one period's; a table that is gone, or denied, is every period's.
      periods: 2,
      description:
        'The table could not be used for ten minutes: each environment mints tokens for itself, and does not hear what was rejected.',
    },
    {
      name: 'mints-too-many',
      credential,
      metric: sum(METRICS.mint).with({ period: Duration.hours(1) }),
      threshold: MINTS_AN_HOUR,
      description: `Tokens of the credential ${credential} were minted at least ${MINTS_AN_HOUR} times in an hour, where 6 are usual.`,
    },
  ];
}

function serviceAlarms(watched: Watched): AlarmSpec[] {
  const { vend, api, credentials } = watched;
  const over = { period: PERIOD, statistic: 'Sum' };
  return [
    {
      name: 'tick-missing',
      // Each tick goes through all credentials, so that one stands for all of them.
      metric: credentialMetric(watched, credentials[0] ?? '', METRICS.tick, 'Sum'),
      threshold: 1,
      below: true,
      // Ten ticks: long before a token of 900 s that was last replaced in time runs out, and no deploy takes as long.
      periods: 2,
      missing: TreatMissingData.BREACHING,
      description:
        'No tick has come by for ten minutes: callers have to wait for mints, and a changed secret is noticed late.',
    },
    {
      name: 'function-errors',
      metric: vend.metricErrors(over),
      // One is enough: every fault that is foreseen is an answer, so this is a crash or a time-out.
      threshold: 1,
      description: 'The vending function crashed or was ended by its time limit.',
    },
    {
      name: 'function-throttles',
      metric: vend.metricThrottles(over),
      // One is enough: Lambda refused a call or a tick, and will refuse more while the account is at its limit.
      threshold: 1,
      description: "Lambda refused to run the vending function: the account's concurrency is used up.",
    },
    {
      name: 'server-errors',
      // The average of zeros and ones is the share.
      metric: api.metricServerError({ period: PERIOD, statistic: 'Average' }),
      threshold: 0.05,
      // Where calls are few, one of them is a large share for one period, but not for two.
      periods: 2,
      description: 'At least 5 % of the answers of the API have been 5xx for ten minutes.',
    },
  ];
}

function rotationAlarms(watched: Watched): AlarmSpec[] {
  const { credentials, rotation, rotationDays } = watched;
  const due = credentials.map((credential) => ({
    name: 'rotation-due',
    credential,
    // The least of the period, so that the alarm ends with the first tick after a rotation.
    metric: credentialMetric(watched, credential, METRICS.secretAge, 'Minimum'),
    threshold: Duration.days(rotationDays).toSeconds(),
    // Without ticks a pair does not get younger.
    missing: TreatMissingData.IGNORE,
    description: `The secret of the credential ${credential} has not been changed for ${rotationDays} days (fiskil:rotationDays).`,
  }));
  // Who rotates by hand is reminded too.
  if (!rotation) return due;
  return [
    {
      name: 'rotation-failed',
      metric: rotation.metricErrors({ period: PERIOD, statistic: 'Sum' }),
      // One is enough: somebody pressed the button and thinks that it worked.
      threshold: 1,
      description: 'A step of a rotation failed; the live pair is unchanged.',
    },
    ...due,
  ];
}
