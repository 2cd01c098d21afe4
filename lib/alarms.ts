import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { METRICS } from '../lambda/metrics';
import { ownMetric } from './metrics';

/** The things that the alarms watch. */
export interface Watched {
  /** How many credentials are configured. */
  readonly credentials: number;
  /** The vending function. Its metrics have its name. */
  readonly vend: LambdaFunction;
  /** The rotation function; undefined without rotation. */
  readonly rotation: LambdaFunction | undefined;
  /** The age of a pair at which it should be rotated. */
  readonly rotationDue: Duration;
  readonly api: RestApi;
}

/** The alarms, each named as its section of docs/runbook.md. */
export type AlarmName =
  | 'no-token'
  | 'pair-rejected'
  | 'secret-unusable'
  | 'secret-unavailable'
  | 'table-unreachable'
  | 'mints-too-many'
  | 'tick-missing'
  | 'function-errors'
  | 'function-throttles'
  | 'server-errors'
  | 'rotation-failed'
  | 'rotation-due';

/** One alarm for all credentials. An alarm for each credential would multiply the price, and count against the template's 500 resources. */
export interface AlarmSpec {
  readonly name: AlarmName;
  readonly metric: IMetric;
  /** Alarms at this and above. */
  readonly threshold: number;
  /** Alarms below the threshold instead. @default - false */
  readonly below?: boolean;
  /** How many periods in a row. @default - one */
  readonly periods?: number;
  /** How many of these periods must be bad. @default - all */
  readonly badPeriods?: number;
  /** What missing data means. @default - no fault */
  readonly missing?: TreatMissingData;
  /** What happened, in one sentence. */
  readonly description: string;
}

/** Metrics come with the ticks, once a minute. A period has five ticks, so one late tick changes nothing. */
const PERIOD = Duration.minutes(5);

/**
 * A token of 900 s, Fiskil's usual, is replaced after two thirds of its life: 6 mints an hour for each credential in use. Occasional rotations
 * and rejections add fewer than 24. A token of 3 minutes, the shortest that the tick can keep fresh, would need as many.
 */
const MINTS_AN_HOUR = { usual: 6, more: 24 };

export function alarmSpecs(watched: Watched): AlarmSpec[] {
  return [...credentialAlarms(watched), ...serviceAlarms(watched), ...rotationAlarms(watched)];
}

function credentialAlarms({ vend, credentials }: Watched): AlarmSpec[] {
  const sum = (name: string, period = PERIOD) => ownMetric(vend, name, { statistic: 'Sum', period });
  const mints = credentials * MINTS_AN_HOUR.usual + MINTS_AN_HOUR.more;
  return [
    {
      name: 'no-token',
      metric: sum(METRICS.unserved),
      // One is enough: each such answer leaves a caller without a token.
      threshold: 1,
      description: 'A caller asked for a token and got none.',
    },
    {
      name: 'pair-rejected',
      metric: sum(METRICS.failure('credentials_rejected')),
      // One is enough: Fiskil has said no, and only a person can change the pair.
      threshold: 1,
      description: 'Fiskil refuses the key pair of a credential. Callers get the stored token until it expires.',
    },
    {
      name: 'secret-unusable',
      metric: sum(METRICS.failure('credential_not_configured')),
      // One is enough: a secret in which nothing is pasted yet is counted only when somebody asks for its token.
      threshold: 1,
      description:
        'The secret of a credential does not hold a usable key pair. Callers get the stored token until it expires.',
    },
    {
      name: 'secret-unavailable',
      // One period for each tick, so the number of affected secrets makes no difference.
      metric: sum(METRICS.failure('secret_unavailable'), Duration.minutes(1)),
      threshold: 1,
      // Each tick that could not read a secret counts. Two may be late or lost.
      periods: 10,
      badPeriods: 8,
      description:
        'The function could not read a secret for ten minutes. Environments that remember the key pair keep using it; new ones cannot mint.',
    },
    {
      name: 'table-unreachable',
      metric: sum(METRICS.tableUnreachable),
      // After a failure, an environment does not use the table for 10 s. So each failing tick counts.
      threshold: 1,
      // A broken connection affects one period. A deleted or denied table affects every period.
      periods: 2,
      description:
        'The function could not use the table for ten minutes. Each environment mints its own tokens and does not learn which tokens were replaced.',
    },
    {
      name: 'mints-too-many',
      metric: sum(METRICS.mint, Duration.hours(1)),
      threshold: mints,
      description: `The function minted many more tokens in an hour than the usual ${MINTS_AN_HOUR.usual} for each credential.`,
    },
  ];
}

function serviceAlarms({ vend, api }: Watched): AlarmSpec[] {
  const over = { period: PERIOD, statistic: 'Sum' };
  return [
    {
      name: 'tick-missing',
      metric: ownMetric(vend, METRICS.tick, over),
      threshold: 1,
      below: true,
      // Ten missing ticks. A token of 900 s that was replaced in time lives longer, and no deploy takes as long.
      periods: 2,
      missing: TreatMissingData.BREACHING,
      description:
        'The scheduled refresh (the tick) has not run for ten minutes. Callers may wait for mints, and the function notices a changed secret late.',
    },
    {
      name: 'function-errors',
      metric: vend.metricErrors(over),
      // One is enough: the function answers every expected fault, so this is a crash or a timeout.
      threshold: 1,
      description: 'The vending function crashed or reached its time limit.',
    },
    {
      name: 'function-throttles',
      metric: vend.metricThrottles(over),
      // One is enough: Lambda refused a call or a tick, and will refuse more while the account is at its limit.
      threshold: 1,
      description: "Lambda refused to run the vending function, because the account's concurrency is used up.",
    },
    {
      name: 'server-errors',
      // The average of zeros and ones is the share. The API's own metric is free; metrics of its methods are not.
      metric: api.metricServerError({ period: PERIOD, statistic: 'Average' }),
      threshold: 0.05,
      // With few calls, one error can be a large share of one period, but not of two in a row.
      periods: 2,
      description: 'For ten minutes, at least 5 % of the answers of the API were 5xx.',
    },
  ];
}

function rotationAlarms({ vend, rotation, rotationDue }: Watched): AlarmSpec[] {
  const due: AlarmSpec = {
    name: 'rotation-due',
    // The age of the oldest pair.
    metric: ownMetric(vend, METRICS.secretAge, { statistic: 'Maximum', period: PERIOD }),
    threshold: rotationDue.toSeconds(),
    // Without ticks there is no data, but the pair is as old as before.
    missing: TreatMissingData.IGNORE,
    description: `Nobody has changed the secret of a credential for ${rotationDue.toHumanString()} (fiskil:rotationDays).`,
  };
  // Also without the rotation function: people who rotate by hand need the reminder too.
  if (!rotation) {
    return [due];
  }
  return [
    {
      name: 'rotation-failed',
      metric: rotation.metricErrors({ period: PERIOD, statistic: 'Sum' }),
      // One is enough: somebody pressed the button and thinks that it worked.
      threshold: 1,
      description: 'A step of a rotation failed. The live key pair is unchanged.',
    },
    due,
  ];
}
