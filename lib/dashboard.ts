import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  LogQueryWidget,
  PeriodOverride,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METRICS } from '../lambda/metrics';
import type { Watched } from './alarms';
import { ownMetric } from './metrics';
import { QUERIES } from './queries';

/** Of 24 columns. */
const THIRD = 8;
const HALF = 12;
const HEIGHT = 6;

/** One screen: is it healthy, who uses it, when did it last mint and rotate? The graphs count all credentials together. The widgets by credential query
 * the log, which costs nothing while nobody looks.
 */
export function addDashboard(scope: Construct, watched: Watched, alarms: IAlarm[]): Dashboard {
  const { logGroup } = watched.vend;
  return new Dashboard(scope, 'Dashboard', {
    defaultInterval: Duration.hours(3),
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      ...(alarms.length > 0 ? [[states(alarms)]] : []),
      [vends(watched), mints(watched), failures(watched)],
      [
        lines('Who is using it', logGroup, QUERIES.vendsByCaller, HALF),
        lines('Answers by credential', logGroup, QUERIES.answers, HALF),
      ],
      [
        lines('Why mints failed', logGroup, QUERIES.whyMintsFailed, HALF),
        lines('Milliseconds of mints, and of waits for them', logGroup, QUERIES.mintTimes, HALF),
      ],
      [lines('Last mints', logGroup, QUERIES.lastMints, HALF), ...rotations(watched)],
    ],
  });
}

function states(alarms: IAlarm[]): IWidget {
  const title = 'Is it healthy? Each alarm has a section in docs/runbook.md';
  return new AlarmStatusWidget({ title, alarms, width: 24 });
}

function graph(title: string, left: IMetric[], right: IMetric[] = []): IWidget {
  return new GraphWidget({ title, left, right, width: THIRD, height: HEIGHT });
}

function sum({ vend }: Watched, name: string): IMetric {
  return ownMetric(vend, name, { statistic: 'Sum', label: name });
}

function vends(watched: Watched): IWidget {
  return graph(
    'Tokens vended, callers without a token, and milliseconds of an answer',
    [sum(watched, METRICS.vend), sum(watched, METRICS.unserved)],
    [watched.api.metricLatency({ label: 'answer p99', statistic: 'p99' })],
  );
}

function mints(watched: Watched): IWidget {
  return graph('Mints and ticks', [sum(watched, METRICS.mint)], [sum(watched, METRICS.tick)]);
}

function failures(watched: Watched): IWidget {
  return graph('What failed', [
    sum(watched, METRICS.mintFailure),
    sum(watched, METRICS.tableUnreachable),
    watched.vend.metricErrors({ label: 'function errors' }),
    watched.vend.metricThrottles({ label: 'function throttles' }),
    watched.api.metricServerError({ label: '5xx', statistic: 'Sum' }),
  ]);
}

/** The age shows when the secret was last changed, also without a rotation by the button. */
function rotations({ vend, rotation }: Watched): IWidget[] {
  const ages = lines('Age of each current pair (s)', vend.logGroup, QUERIES.ages, rotation ? THIRD / 2 : HALF);
  if (!rotation) {
    return [ages];
  }
  return [ages, lines('Last steps of rotations', rotation.logGroup, QUERIES.lastRotationSteps, THIRD)];
}

function lines(title: string, { logGroupName }: ILogGroup, query: string, width: number): IWidget {
  // CDK itself adds the bars between lines.
  const queryLines = query.split('\n').map((line) => line.replace(/^\| /, ''));
  return new LogQueryWidget({ title, logGroupNames: [logGroupName], queryLines, width, height: HEIGHT });
}
