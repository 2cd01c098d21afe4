import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { METRICS } from '../lambda/metrics';
import { pascalCase } from './credentials';

export interface MonitoringProps {
  /** The first part of the alarms' names, as of the secrets'. */
  readonly prefix: string;
  /** The names of the configured credentials. */
  readonly credentials: readonly string[];
  /** The function that vends: its metrics carry its name. */
  readonly vend: IFunction;
  /** The rotation function; undefined where rotation is left out. */
  readonly rotation: IFunction | undefined;
  readonly rotationDays: number;
  readonly email: string | undefined;
  readonly topicArn: string | undefined;
}

/** One alarm. What to do about it is told in docs/runbook.md, under its `name`. */
interface AlarmSpec {
  readonly name: string;
  /** Whose: a credential, unless it is about all of them. */
  readonly credential?: string;
  readonly metric: IMetric;
  /** Alarms at this and above. */
  readonly threshold: number;
  /** What no data means. @default - all is well */
  readonly missing?: TreatMissingData;
  /** What happened, in one sentence. */
  readonly description: string;
}

/** Metrics come with the ticks, once a minute; five of them, so that one late tick changes nothing. */
const PERIOD = Duration.minutes(5);

/** Who is told when something needs a person. */
export class Monitoring extends Construct {
  private readonly topics: readonly ITopic[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MonitoringProps,
  ) {
    super(scope, id);
    this.topics = this.addTopics();
    for (const spec of [...this.pairAlarms(), ...this.rotationAlarms()]) this.addAlarm(spec);
  }

  private pairAlarms(): AlarmSpec[] {
    return this.props.credentials.flatMap((credential): AlarmSpec[] => [
      {
        name: 'pair-rejected',
        credential,
        metric: this.metric(METRICS.failure('credentials_rejected'), credential, 'Sum'),
        // One is enough: Fiskil has said no, and only a person can change the pair.
        threshold: 1,
        description: `Fiskil refuses the pair of the credential ${credential}; a token that is still valid is served until it expires.`,
      },
      {
        name: 'secret-unusable',
        credential,
        metric: this.metric(METRICS.failure('credential_not_configured'), credential, 'Sum'),
        // One is enough: a secret in which nothing is pasted yet is counted only when somebody asks for its token.
        threshold: 1,
        description: `The secret of the credential ${credential} does not hold a pair; a token that is still valid is served until it expires.`,
      },
    ]);
  }

  private rotationAlarms(): AlarmSpec[] {
    const { credentials, rotation, rotationDays } = this.props;
    if (!rotation) return [];
    return [
      {
        name: 'rotation-failed',
        metric: rotation.metricErrors({ period: PERIOD, statistic: 'Sum' }),
        // One is enough: somebody pressed the button and thinks that it worked.
        threshold: 1,
        description: 'A step of a rotation failed; the live pair is unchanged.',
      },
      ...credentials.map((credential) => ({
        name: 'rotation-due',
        credential,
        // The least of the period, so that the alarm ends with the first tick after a rotation.
        metric: this.metric(METRICS.secretAge, credential, 'Minimum'),
        threshold: Duration.days(rotationDays).toSeconds(),
        // Without ticks a pair does not get younger.
        missing: TreatMissingData.IGNORE,
        description: `The secret of the credential ${credential} has not been changed for ${rotationDays} days (fiskil:rotationDays).`,
      })),
    ];
  }

  private metric(metricName: string, credential: string, statistic: string): Metric {
    return new Metric({
      namespace: METRICS.namespace,
      metricName,
      dimensionsMap: { service: this.props.vend.functionName, credential },
      statistic,
      period: PERIOD,
    });
  }

  private addTopics(): ITopic[] {
    const { email, topicArn } = this.props;
    const topics: ITopic[] = topicArn ? [Topic.fromTopicArn(this, 'GivenTopic', topicArn)] : [];
    if (email) {
      const topic = new Topic(this, 'Topic');
      topic.addSubscription(new EmailSubscription(email));
      topics.push(topic);
    }
    return topics;
  }

  private addAlarm({ name, credential, metric, threshold, missing, description }: AlarmSpec): void {
    const alarm = new Alarm(this, `${pascalCase(name)}${pascalCase(credential ?? '')}`, {
      alarmName: [this.props.prefix, credential, name].filter(Boolean).join('-'),
      alarmDescription: `${description} What to do: docs/runbook.md#${name}`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    for (const topic of this.topics) alarm.addAlarmAction(new SnsAction(topic));
  }
}
