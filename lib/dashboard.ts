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
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METRICS } from '../lambda/metrics';
import { credentialMetric, type Watched } from './alarms';
import { QUERIES } from './queries';

const SOURCES = ['memory', 'table', 'mint'];

/** Of 24 columns. */
const THIRD = 8;
const HALF = 12;
const HEIGHT = 6;

/** What CloudWatch shows in one widget: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
const ALARMS_IN_A_WIDGET = 100;

/** One screen: is it healthy, who is using it, when did it last mint and rotate. */
export function addDashboard(scope: Construct, watched: Watched, alarms: IAlarm[]): void {
  new Dashboard(scope, 'Dashboard', {
    defaultInterval: Duration.hours(3),
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      ...states(alarms),
      [vends(watched), mints(watched), failures(watched)],
      [latencies(watched), lines('Who is using it', watched.vend.logGroup, QUERIES.vendsByCaller, 2 * THIRD)],
      [lines('Last mints', watched.vend.logGroup, QUERIES.lastMints, HALF), ...rotations(watched)],
    ],
  });
}

/** One row, or several where many credentials have more alarms than a widget takes. */
function states(alarms: IAlarm[]): IWidget[][] {
  const rows = Array.from({ length: Math.ceil(alarms.length / ALARMS_IN_A_WIDGET) }, (_, row) =>
    alarms.slice(row * ALARMS_IN_A_WIDGET, (row + 1) * ALARMS_IN_A_WIDGET),
  );
  const title = 'Is it healthy? Each alarm has a section in docs/runbook.md';
  return rows.map((some) => [new AlarmStatusWidget({ title, alarms: some, width: 24 })]);
}

/** A metric of each credential, or several. */
function each(watched: Watched, names: readonly string[], statistic: string) {
  return watched.credentials.flatMap((credential) =>
    names.map((name) =>
      credentialMetric(watched, credential, name, statistic).with({ label: `${credential} ${name}` }),
    ),
  );
}

function graph(title: string, left: IMetric[], right: IMetric[] = []): IWidget {
  return new GraphWidget({ title, left, right, width: THIRD, height: HEIGHT });
}

function vends(watched: Watched): IWidget {
  return graph(
    'Tokens vended, and callers left without one',
    each(watched, SOURCES.map(METRICS.vend), 'Sum'),
    each(watched, [METRICS.unserved, METRICS.rejection, METRICS.servedWhileFailing], 'Sum'),
  );
}

function mints(watched: Watched): IWidget {
  return graph(
    'Mints, ticks and the least life of a vended token (s)',
    each(watched, [METRICS.mint, METRICS.tick], 'Sum'),
    each(watched, [METRICS.lifeAtVend], 'Minimum'),
  );
}

function failures(watched: Watched): IWidget {
  return graph('What failed', [
    ...each(watched, [METRICS.mintFailure, METRICS.tableUnreachable], 'Sum'),
    watched.vend.metricErrors({ label: 'function errors' }),
    watched.vend.metricThrottles({ label: 'function throttles' }),
    watched.api.metricServerError({ label: '5xx', statistic: 'Sum' }),
  ]);
}

function latencies(watched: Watched): IWidget {
  return graph('Milliseconds: of an answer, a mint, a wait for one', [
    watched.api.metricLatency({ label: 'answer p99', statistic: 'p99' }),
    ...each(watched, [METRICS.mintLatency, METRICS.mintWait], 'p99'),
  ]);
}

/** An age shows when the secret was last changed also where nobody rotated by the button. */
function rotations(watched: Watched): IWidget[] {
  const age = new SingleValueWidget({
    title: 'Age of the current pair (s)',
    metrics: each(watched, [METRICS.secretAge], 'Minimum'),
    width: watched.rotation ? THIRD / 2 : HALF,
    height: HEIGHT,
  });
  if (!watched.rotation) return [age];
  const { logGroup } = watched.rotation;
  return [age, lines('Last steps of rotations', logGroup, QUERIES.lastRotationSteps, HALF - THIRD / 2)];
}

function lines(title: string, { logGroupName }: ILogGroup, query: string, width: number): IWidget {
  // CDK adds the bars between lines by itself.
  const queryLines = query.split('\n').map((line) => line.replace(/^\| /, ''));
  return new LogQueryWidget({ title, logGroupNames: [logGroupName], queryLines, width, height: HEIGHT });
}
