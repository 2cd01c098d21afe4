import { DescribeAlarmsCommand, GetMetricStatisticsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListSubscriptionsByTopicCommand, type Subscription } from '@aws-sdk/client-sns';
import { QUERIES } from '../../lib/queries';
import type { Check } from './check';
import { type CheckContext, poll } from './context';
import { allowedBy, FoundWrong, failed, ok } from './finding';

const MINUTE = 60_000;

/** One tick may be late. */
const LEAST_TICKS = 4;

/** The most names in one request, by CloudWatch's own limit. */
const ALARMS_IN_A_PAGE = 100;

const ticks: Check = {
  id: 'ticks',
  async run(context) {
    // Found by its setting and not by its name: only this alarm alarms when data is missing.
    const watching = (await alarmsOf(context)).filter(
      ({ TreatMissingData, Namespace }) => TreatMissingData === 'breaching' && !Namespace?.startsWith('AWS/'),
    );
    if (watching.length === 0) {
      return failed('No alarm of the stack watches the ticks', 'deploy the stack again');
    }
    const counts: number[] = [];
    for (const alarm of watching) {
      counts.push(await lastFiveMinutes(context, alarm));
    }
    // Each tick counts once for each credential.
    const least = Math.round(Math.min(...counts) / Math.max(1, context.stack.secretNames.length));
    const what = `${least} ticks in five minutes under the dimensions of ${names(watching)}`;
    if (least >= LEAST_TICKS) {
      return ok(what);
    }
    const todo =
      'wait until the deploy is ten minutes old; then check that the rule of the tick is enabled in EventBridge, and that the function starts';
    return failed(what, todo);
  },
};

const alarms: Check = {
  id: 'alarms',
  async run(context) {
    const found = await alarmsOf(context);
    const expected = (await context.stack.ofType('AWS::CloudWatch::Alarm')).map(({ physicalId }) => physicalId);
    const missing = expected.filter((name) => !found.some(({ AlarmName }) => AlarmName === name));
    if (missing.length > 0) {
      return failed(
        `Missing: ${missing.join(', ')}`,
        'deploy the stack with another fiskil:prefix, or make the alarm again by hand',
      );
    }
    const silent = found.filter(({ ActionsEnabled }) => ActionsEnabled === false);
    if (silent.length > 0) {
      return failed(`Actions are switched off: ${names(silent)}`, 'enable them in CloudWatch');
    }
    const blind = found.filter(({ StateValue }) => StateValue === 'INSUFFICIENT_DATA');
    if (blind.length > 0) {
      const todo =
        'wait until the deploy is ten minutes old; if that does not help, the metric does not arrive: see the row ticks';
      return failed(`INSUFFICIENT_DATA: ${names(blind)}`, todo);
    }
    const raised = found.filter(({ StateValue }) => StateValue === 'ALARM');
    const now = raised.length === 0 ? 'none is raised' : `raised now: ${names(raised)} (docs/runbook.md)`;
    return ok(`All ${found.length} alarms exist and have data; ${now}`);
  },
};

const mail: Check = {
  id: 'mail',
  async run(context) {
    const [topic] = await context.stack.ofType('AWS::SNS::Topic');
    if (!topic) {
      return ok('fiskil:alarmEmail is not set: the stack sends no mail');
    }
    const mails = (await subscriptionsOf(context, topic.physicalId)).filter(({ Protocol }) => Protocol === 'email');
    if (mails.some(({ SubscriptionArn = '' }) => SubscriptionArn.startsWith('arn:'))) {
      return ok('The subscription of the address for alarms is confirmed');
    }
    if (mails.length > 0) {
      const todo =
        'click the link in the mail "AWS Notification - Subscription Confirmation", or request it again in the SNS console';
      return failed('The subscription of the address for alarms is not confirmed', todo);
    }
    const todo = 'subscribe it again in the SNS console, and click the link in the mail';
    return failed('The topic for alarms no longer has a mail subscription', todo);
  },
};

const queries: Check = {
  id: 'queries',
  async run(context) {
    const { stack, options } = context;
    const groups = [(await stack.vendFunction()).logGroup];
    if (stack.output('RotationFunctionName')) {
      groups.push((await stack.rotationFunction()).logGroup);
    }
    const all = Object.entries(QUERIES).map(([name, query]): [string, string] => [
      name,
      typeof query === 'string' ? query : query(options.credential),
    ]);
    for (const [name, query] of all) {
      await complete(context, groups, name, query);
    }
    return ok(`All ${all.length} queries complete: ${all.map(([name]) => name).join(', ')}`);
  },
};

export const watching = [ticks, alarms, mail, queries];

const names = (some: readonly MetricAlarm[]) => some.map(({ AlarmName = '' }) => AlarmName).join(', ');

/** The stack's alarms, as they are now. */
async function alarmsOf({ aws, stack }: CheckContext): Promise<MetricAlarm[]> {
  const all = (await stack.ofType('AWS::CloudWatch::Alarm')).map(({ physicalId }) => physicalId);
  const found: MetricAlarm[] = [];
  for (let first = 0; first < all.length; first += ALARMS_IN_A_PAGE) {
    const AlarmNames = all.slice(first, first + ALARMS_IN_A_PAGE);
    const call = aws.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames, MaxRecords: ALARMS_IN_A_PAGE }));
    found.push(...((await allowedBy('cloudwatch:DescribeAlarms', call)).MetricAlarms ?? []));
  }
  return found;
}

/** The sum of an alarm's metric. Leaves out the current minute and the one before, because CloudWatch may not have their data yet. */
async function lastFiveMinutes({ aws, clock }: CheckContext, alarm: MetricAlarm): Promise<number> {
  const { Namespace, MetricName, Dimensions } = alarm;
  const end = Math.floor(clock.now() / MINUTE) * MINUTE - MINUTE;
  const call = aws.cloudWatch.send(
    new GetMetricStatisticsCommand({
      ...{ Namespace, MetricName, Dimensions },
      StartTime: new Date(end - 5 * MINUTE),
      EndTime: new Date(end),
      Period: 60,
      Statistics: ['Sum'],
    }),
  );
  const { Datapoints = [] } = await allowedBy('cloudwatch:GetMetricStatistics', call);
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}

async function subscriptionsOf({ aws }: CheckContext, TopicArn: string): Promise<Subscription[]> {
  const found: Subscription[] = [];
  let NextToken: string | undefined;
  do {
    const page = await allowedBy(
      'sns:ListSubscriptionsByTopic',
      aws.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken })),
    );
    found.push(...(page.Subscriptions ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}

async function complete({ aws, clock }: CheckContext, groups: string[], name: string, query: string): Promise<void> {
  const endTime = Math.floor(clock.now() / 1_000);
  const { queryId } = await allowedBy(
    'logs:StartQuery',
    aws.logs.send(
      new StartQueryCommand({ logGroupNames: groups, queryString: query, startTime: endTime - 3_600, endTime }),
    ),
  );
  const end = await poll(clock, MINUTE, 1_000, async () => {
    const call = aws.logs.send(new GetQueryResultsCommand({ queryId }));
    const { status } = await allowedBy('logs:GetQueryResults', call);
    return status === 'Running' || status === 'Scheduled' ? undefined : status;
  });
  if (end === 'Complete') {
    return;
  }
  const todo = 'run this again; if that does not help, deploy the release of this command';
  throw new FoundWrong(failed(`The query ${name} of lib/queries.ts is ${end ?? 'still running after a minute'}`, todo));
}
