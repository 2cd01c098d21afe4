import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type AlarmSpec, alarmSpecs, type Watched } from './alarms';
import { pascalCase } from './credentials';
import { addDashboard } from './dashboard';

export interface MonitoringProps extends Watched {
  /** The first part of the alarms' names, as of the secrets'. */
  readonly prefix: string;
  readonly email: string | undefined;
  readonly topicArn: string | undefined;
}

/** Who is told when something needs a person, and where to look then. */
export class Monitoring extends Construct {
  private readonly topics: readonly ITopic[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MonitoringProps,
  ) {
    super(scope, id);
    this.topics = this.addTopics();
    addDashboard(
      this,
      props,
      alarmSpecs(props).map((spec) => this.addAlarm(spec)),
    );
  }

  private addTopics(): ITopic[] {
    const { email, topicArn } = this.props;
    const topics: ITopic[] = topicArn ? [Topic.fromTopicArn(this, 'GivenTopic', topicArn)] : [];
    if (email) {
      const topic = new Topic(this, 'Topic', { enforceSSL: true });
      topic.addSubscription(new EmailSubscription(email));
      // The policy that this adds replaces the one that every topic begins with, by which alarms may publish.
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

  private addAlarm(spec: AlarmSpec): Alarm {
    const { name, credential, metric, threshold, below, periods, missing, description } = spec;
    const alarm = new Alarm(this, `${pascalCase(name)}${pascalCase(credential ?? '')}`, {
      alarmName: [this.props.prefix, credential, name].filter(Boolean).join('-'),
      alarmDescription: `${description} What to do: docs/runbook.md#${name} in the repository fiskil-token-vending.`,
      metric,
      threshold,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods ?? 1,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    for (const topic of this.topics) alarm.addAlarmAction(new SnsAction(topic));
    return alarm;
  }
}
