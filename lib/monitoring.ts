import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type Dashboard, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type AlarmName, type AlarmSpec, alarmSpecs, type Watched } from './alarms';
import { pascalCase } from './credentials';
import { addDashboard } from './dashboard';

/** Other settings of an alarm than the usual ones. */
export interface AlarmChange {
  /** The value that CloudWatch compares with the metric.
   * @default - the alarm's own, as in docs/runbook.md
   */
  readonly threshold?: number;
  /**
   * How many periods in a row must be bad.
   * @default - the alarm's own
   */
  readonly evaluationPeriods?: number;
}

/** Alarm → `false` to leave it out, or other settings than the default. */
export type AlarmChanges = Readonly<Partial<Record<AlarmName, AlarmChange | false>>>;

export interface MonitoringProps extends Watched {
  /** The first part of the alarms' names, as in the secrets' names. */
  readonly prefix: string;
  /** `false` for no alarms. */
  readonly alarms: AlarmChanges | false;
  readonly dashboard: boolean;
  readonly email: string | undefined;
  readonly topic: ITopic | undefined;
}

/** The alarms, their topics, and the dashboard. */
export class Monitoring extends Construct {
  /** Name → alarm, for the alarms that are not left out. */
  readonly alarms: Readonly<Partial<Record<AlarmName, Alarm>>>;
  readonly dashboard: Dashboard | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MonitoringProps,
  ) {
    super(scope, id);
    const topics = this.topics();
    const changes = props.alarms;
    const specs = changes === false ? [] : alarmSpecs(props).filter(({ name }) => changes[name] !== false);
    this.alarms = Object.fromEntries(specs.map((spec) => [spec.name, this.addAlarm(spec, topics)]));
    this.dashboard = props.dashboard ? addDashboard(this, props, Object.values(this.alarms)) : undefined;
  }

  private topics(): ITopic[] {
    const { email, topic: given } = this.props;
    const topics: ITopic[] = given ? [given] : [];
    if (email) {
      const topic = new Topic(this, 'Topic', { enforceSSL: true });
      topic.addSubscription(new EmailSubscription(email));
      // SNS's default policy lets alarms publish. `enforceSSL` adds a policy, which replaces that one, so alarms need a grant.
      topic.grantPublish(this.alarmsOfThisStack());
      topics.push(topic);
    }
    return topics;
  }

  private alarmsOfThisStack(): ServicePrincipal {
    const alarms = Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: `${this.props.prefix}-*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new ServicePrincipal('cloudwatch.amazonaws.com', { conditions: { ArnLike: { 'aws:SourceArn': alarms } } });
  }

  private addAlarm(spec: AlarmSpec, topics: readonly ITopic[]): Alarm {
    const { name, metric, below, badPeriods, missing, description } = spec;
    const { threshold, evaluationPeriods } = this.changeOf(name);
    const alarm = new Alarm(this, pascalCase(name), {
      alarmName: `${this.props.prefix}-${name}`,
      alarmDescription: `${description} What to do: docs/runbook.md#${name} in the repository fiskil-token-vending.`,
      metric,
      threshold: threshold ?? spec.threshold,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: evaluationPeriods ?? spec.periods ?? 1,
      // With another number of periods, all of them must be bad.
      ...(badPeriods && evaluationPeriods === undefined ? { datapointsToAlarm: badPeriods } : {}),
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    for (const topic of topics) {
      alarm.addAlarmAction(new SnsAction(topic));
    }
    return alarm;
  }

  private changeOf(name: AlarmName): AlarmChange {
    const { alarms } = this.props;
    return (alarms ? alarms[name] : undefined) || {};
  }
}
