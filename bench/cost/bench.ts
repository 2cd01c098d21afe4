import { synthesised } from '../../test/lib/synth';
import { publish, table } from '../report';
import { sum } from '../stats';
import { CALLER, measureLines } from './lines';
import { type Cost, costOf, type Measured, MINTS, PRICES } from './model';

const CALLS = [100_000, 1_000_000, 100_000_000];
const HIT_RATIOS = [0, 0.9, 0.99];

const COLUMNS: readonly (keyof Cost)[] = ['api', 'function', 'dynamodb', 'secrets', 'ticks', 'logs', 'metrics'];

export async function run(): Promise<void> {
  const lines = await measureLines();
  const template = synthesised();
  const measured: Measured = {
    vendBytes: lines.vend,
    tickBytes: lines.tick,
    mintingTickBytes: lines.mintingTick,
    accessLogBytes: accessLogLine(template.findResources('AWS::ApiGateway::Stage')).length,
    metrics: lines.metrics,
    idleMetrics: lines.idleMetrics,
    alarms: Object.keys(template.findResources('AWS::CloudWatch::Alarm')).length,
  };
  const idle = ['none: idle', '', '0', ...dollarsOf(costOf(0, measured))];
  const rows = CALLS.flatMap((calls) => HIT_RATIOS.map((ratio) => row(calls, ratio, measured)));
  const [million, two] = [1e6, 2e6].map((vends) => sum(Object.values(costOf(vends, measured))));
  const more = (two ?? 0) - (million ?? 0);
  publish({
    name: 'cost',
    heading: 'Cost',
    parts: [
      method(measured),
      table(['tokens asked for', 'hits', 'vends', ...COLUMNS, 'all'], [idle, ...rows]),
      `Each further million vends costs $${more.toFixed(2)}, at any scale.`,
      monitoring(measured),
    ],
  });
}

function row(calls: number, ratio: number, measured: Measured): string[] {
  const vends = calls * (1 - ratio);
  return [
    calls.toLocaleString('en'),
    `${Math.round(ratio * 100)} %`,
    Math.round(vends).toLocaleString('en'),
    ...dollarsOf(costOf(vends, measured)),
  ];
}

function dollarsOf(cost: Cost): string[] {
  const all = sum(Object.values(cost));
  return [...COLUMNS.map((column) => cost[column]), all].map((dollars) => dollars.toFixed(2));
}

/** What metrics and alarms came to while each credential had its own, and the API's methods had theirs: counted on 2026-11-25. */
const BEFORE = { metrics: 9, methodMetrics: 5, idleMetrics: 2, alarmsOfACredential: 7, alarms: 5 };

/** Dollars a month of metrics and alarms, before and after one metric and one alarm came to stand for all credentials. */
function monitoring({ metrics, idleMetrics, alarms }: Measured): string {
  const dollars = (metricCount: number, alarmCount: number) =>
    (metricCount * PRICES.metricMonth + alarmCount * PRICES.alarmMonth).toFixed(2);
  const row = (name: string, credentials: number, isIdle: boolean) => [
    name,
    dollars(
      isIdle ? BEFORE.idleMetrics * credentials : BEFORE.metrics * credentials + BEFORE.methodMetrics,
      BEFORE.alarmsOfACredential * credentials + BEFORE.alarms,
    ),
    dollars(isIdle ? idleMetrics : metrics, alarms),
  ];
  const rows = [
    row('one credential, idle', 1, true),
    row('one credential in use', 1, false),
    row('ten credentials in use', 10, false),
  ];
  return `**Metrics and alarms alone**, before and after three changes: no metrics of the API's methods; one metric and one alarm for all credentials;
a log field for what no alarm needs\n\n${table(['', 'before', 'after'], rows)}`;
}

/** A line of the stage's access log, with values as long as they are. */
function accessLogLine(stages: Record<string, { Properties?: { AccessLogSetting?: { Format?: string } } }>): string {
  const format = Object.values(stages)[0]?.Properties?.AccessLogSetting?.Format ?? '';
  const values: Record<string, string> = {
    'identity.userArn': CALLER.userArn,
    'identity.accountId': CALLER.accountId,
    'identity.sourceIp': CALLER.sourceIp,
    requestId: '2f1c3a9e-6f0b-4a7e-9b1d-0c7c2a7f1e55',
    requestTime: '25/Nov/2026:07:14:00 +0000',
    'identity.user': 'AROA0123456789ABCDEFG:Energy-ListAccounts1A2B3C4D-MnOpQrStUvWx',
    'identity.caller': 'AROA0123456789ABCDEFG:Energy-ListAccounts1A2B3C4D-MnOpQrStUvWx',
    resourcePath: '/tokens/{credential}',
    path: '/v1/tokens/default',
  };
  return format.replace(/\$context\.([\w.]+)/g, (_all, name: string) => values[name] ?? '200');
}

function method(measured: Measured): string {
  return `
The table has US dollars a month for one credential that is in use all the time. The list prices are those of us-east-1 in November 2026, without the free tier:
REST API $${(PRICES.apiRequest * 1e6).toFixed(2)} a
million requests (the first 333 million), Lambda arm64 $${(PRICES.lambdaRequest * 1e6).toFixed(2)} a million and $${PRICES.lambdaGbSecond} a GB-second, DynamoDB on demand $${PRICES.readUnit * 1e6} a million read units
and $${PRICES.writeUnit * 1e6} a million write units, Secrets Manager $${PRICES.secretMonth.toFixed(2)} a secret and $${(PRICES.secretCall * 1e4).toFixed(2)} ten thousand calls, CloudWatch Logs $${(PRICES.logByte * 1e9).toFixed(2)} a GB, a custom metric
$${PRICES.metricMonth.toFixed(2)}, an alarm $${PRICES.alarmMonth.toFixed(2)}. The rule behind the ticks is free. Not counted: data transfer, storage of logs, cold starts, the dashboard (three are free in an account), \`fiskil:encryption\` with a key of your own ($1 a month and its calls).

*Hits* are the share of tokens that callers have in memory (this client keeps one for three quarters of its life). The bench measures the log: ${measured.vendBytes} bytes for a vend and
${measured.accessLogBytes} in the access log, ${measured.tickBytes} for a tick. It counts ${measured.metrics} metrics of the function (${measured.idleMetrics} while idle), ${measured.alarms} alarms and ${MINTS.toLocaleString('en')} mints. The model assumes 5 ms billed at 512 MB for a vend,
30 ms for a tick, and 600 ms more for a mint. *dynamodb* assumes that memory answers nothing; *ticks* is what they cost in function, table, Secrets Manager and log. The model is \`bench/cost/model.ts\`.`.trim();
}
