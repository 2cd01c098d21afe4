import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ENVIRONMENT } from '../../lambda/environment';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { apiEvent } from '../api/event';
import { synthesised } from '../lib/synth';
import { property, resolved } from '../policy/evaluate';
import { type HttpServer, startHttpServer } from '../support/http-server';
import { vendFunction } from '../support/resources';
import { ExecutionEnvironment } from './execution-environment';
import { buildTask, functionVariables } from './runtime-world';

/** Time series of CloudWatch: those of a line of the log, or those that an alarm looks at. */
interface Series {
  readonly namespace: string;
  readonly metric: string;
  /** By name. */
  readonly dimensions: Readonly<Record<string, string>>;
}

const GOOD = { clientId: 'id', clientSecret: 'secret' };

/** What each secret holds; of the last one nobody may know. */
const SECRETS: Readonly<Record<string, object>> = {
  'fiskil/default': { client_id: GOOD.clientId, client_secret: GOOD.clientSecret },
  'fiskil/refused': { client_id: GOOD.clientId, client_secret: 'another' },
  'fiskil/empty': { client_id: '', client_secret: '' },
};
const credentials = { default: {}, refused: {}, empty: {}, denied: {} };
const template = synthesised({ 'fiskil:credentials': credentials });
const vend = vendFunction(template);
const functionName = vend.id;

let fiskil: StandIn;
let aws: HttpServer;
let measured: Series[];
beforeAll(async () => {
  fiskil = await startStandIn({ pairs: [GOOD] });
  // Secrets Manager; and DynamoDB, which lets nobody in.
  aws = await startHttpServer((_request, response, body) => {
    const secret = SECRETS[JSON.parse(body).SecretId];
    const answer = secret
      ? { SecretString: JSON.stringify(secret), VersionId: 'v1', CreatedDate: 1_700_000_000 }
      : { __type: 'AccessDeniedException' };
    response
      .writeHead(secret ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer));
  });
  measured = await measuredByEverything();
});
afterAll(() => Promise.all([fiskil.stop(), aws.stop()]));

/** The deployed function's metrics, by all that it can meet with what its stack tells it. */
async function measuredByEverything(): Promise<Series[]> {
  const { Variables: told } = property(template, vend, 'Environment') as {
    Variables: Record<string, string>;
  };
  const environment = await ExecutionEnvironment.start(buildTask('handler'), {
    ...functionVariables(aws.origin, '', ''),
    ...told,
    [ENVIRONMENT.tokenUrl]: fiskil.url,
    // As Lambda sets it: what CloudFormation's Ref gives.
    AWS_LAMBDA_FUNCTION_NAME: functionName,
  });
  try {
    await environment.begun();
    for (const event of [
      ...Object.keys(credentials).map((name) => apiEvent({ path: `/tokens/${name}` })),
      { source: 'aws.events' },
    ]) {
      expect(await environment.invoke(event, Date.now())).toHaveProperty('answer');
    }
    return environment.output
      .split('\n')
      .filter((line) => line.includes('"_aws"'))
      .flatMap((line) => seriesOf(JSON.parse(line)));
  } finally {
    await environment.stop();
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function seriesOf(line: Record<string, unknown> & { _aws: { CloudWatchMetrics: Directive[] } }): Series[] {
  return line._aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions: sets, Metrics: metrics }) =>
    sets.flatMap((names) =>
      metrics.map(({ Name: metric }) => ({
        namespace,
        metric,
        dimensions: Object.fromEntries(names.map((name) => [name, `${line[name]}`])),
      })),
    ),
  );
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

interface Alarm {
  readonly AlarmName: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
}

/** What an alarm looks at. */
function watchedBy({ Namespace: namespace, MetricName: metric, Dimensions: given }: Alarm): Series {
  return { namespace, metric, dimensions: Object.fromEntries(given.map(({ Name, Value }) => [Name, Value])) };
}

test('what each alarm of the stack looks at, the deployed function measures', () => {
  const text = ({ namespace, metric, dimensions }: Series) =>
    JSON.stringify([namespace, metric, Object.entries(dimensions).sort()]);
  const all = new Set(measured.map(text));
  const own = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
    .map(({ Properties }) => resolved(template, Properties) as Alarm)
    .filter(({ Namespace }) => !Namespace.startsWith('AWS/'));
  const names = (alarms: Alarm[]) => alarms.map(({ AlarmName }) => AlarmName).sort();
  expect(names(own.filter((alarm) => all.has(text(watchedBy(alarm)))))).toEqual(names(own));
  expect(names(own)).toContain('fiskil-no-token');
});
