import { join } from 'node:path';
import { startDynamoDbLocal } from '../../test/support/dynamodb-local';
import { runFolder } from '../../test/support/toolbox';
import { fillTable, functionEnvironment } from '../function-table';
import { interleave, measure, ROUNDS } from '../probe';
import { publish, table } from '../report';
import { median } from '../stats';
import { tlsBefore } from '../tls';
import { type Bundle, build, buildByCdk, trials } from './bundles';
import { type Sources, writeSources } from './sources';
import { throttle } from './throttle';

interface Times {
  readonly load: number;
  readonly process: number;
  readonly call: number;
}

const PROBE = join(__dirname, 'load-probe.mjs');

const METHOD = `
Each number is the median of ${ROUNDS} fresh Node processes on one processor, in ms, without a compile cache. The lines take turns. *Load*: the time from before
Node reads the file until it has the handler. *Process*: the time from the start of the process until then. The bench is \`bench/cold\`.`.trim();

export async function run(): Promise<void> {
  const sources = writeSources();
  const parts = [METHOD, ...(await loads(sources)), ...(await firstVends(sources))];
  publish({
    name: 'cold',
    heading: 'Cold start',
    parts,
    packages: ['@aws-sdk/client-dynamodb', '@aws-lambda-powertools/logger', 'esbuild', 'aws-cdk-lib'],
  });
}

async function loads(sources: Sources): Promise<string[]> {
  const ours = 'this function';
  const byDefault = "CDK's NodejsFunction, by default";
  const clients = 'the two SDK clients alone, trimmed the same way';
  const rows: Record<string, Bundle> = {
    'an empty handler': build('empty', sources.empty),
    'a signature by hand over node:https: the limit': build('limit', sources.limit),
    [clients]: build('clients', sources.clients),
    [ours]: build('ours', sources.withoutFirstRead),
    [byDefault]: buildByCdk(sources.withoutFirstRead),
    'the same, with bundleAwsSDK': buildByCdk(sources.withoutFirstRead, { bundleAwsSDK: true }),
  };
  const tried = trials(sources);
  const env = functionEnvironment('http://127.0.0.1:9', ['default']);
  const probe =
    ({ file }: Bundle, extra: Record<string, string> = {}) =>
    () =>
      measure<Times>({ args: [PROBE, file], env: { ...env, ...extra } });
  const cache = { NODE_COMPILE_CACHE: runFolder('bench', 'compile-cache') };
  const cached = "with V8's compile cache filled";
  await probe(rows[ours] as Bundle, cache)();
  const results = await interleave({
    ...Object.fromEntries(Object.entries(rows).map(([name, bundle]) => [name, probe(bundle)])),
    ...Object.fromEntries(
      Object.entries(tried).map(([name, bundle]) => [
        name,
        probe(bundle, name.startsWith('source map') ? { NODE_OPTIONS: '--enable-source-maps' } : {}),
      ]),
    ),
    [cached]: probe(rows[ours] as Bundle, cache),
  });
  const load = (name: string) => median((results[name] ?? []).map((times) => times.load));
  const start = (name: string) => median((results[name] ?? []).map((times) => times.process));
  const kilobytes = ({ bytes }: Bundle) => `${Math.round(bytes / 1_000)} kB`;
  const difference = (ms: number) => `${ms < 0 ? '−' : '+'}${Math.abs(ms).toFixed(1)}`;
  return [
    '**Loading the function**, without its first read (the last table has that)',
    table(
      ['', 'load', 'process', '× default', 'bundle'],
      Object.entries(rows).map(([name, bundle]) => [
        name,
        load(name).toFixed(1),
        start(name).toFixed(1),
        (load(name) / load(byDefault)).toFixed(2),
        kilobytes(bundle),
      ]),
    ),
    `Target: at most 0.55 of the default (here ${(load(ours) / load(byDefault)).toFixed(2)}), and within 15 % of the two clients alone (here ${difference(((load(ours) - load(clients)) / load(clients)) * 100)} %).`,
    '**What we tried**: the same function with one change; a positive difference is slower',
    table(
      ['', 'load', 'difference', 'bundle'],
      [...Object.keys(tried), cached].map((name) => [
        name,
        load(name).toFixed(1),
        difference(load(name) - load(ours)),
        kilobytes(tried[name] ?? (rows[ours] as Bundle)),
      ]),
    ),
  ];
}

async function firstVends(sources: Sources): Promise<string[]> {
  const dynamodb = await startDynamoDbLocal();
  const limit = throttle();
  const tls = await tlsBefore(dynamodb.endpoint);
  try {
    await fillTable(dynamodb.endpoint, ['default']);
    const env = { ...functionEnvironment(tls.url, ['default']), NODE_EXTRA_CA_CERTS: tls.certificate };
    const bundles = {
      'this function': build('deployed', sources.handler),
      'without its first read': build('ours', sources.withoutFirstRead),
    };
    const probes = Object.entries(bundles).flatMap(([name, { file }]) => {
      const vend =
        (...group: string[]) =>
        () =>
          measure<Times>({ args: [PROBE, file, 'call', ...group], env });
      return [
        [name, vend()] as const,
        ...(limit ? [[`${name}, call throttled to 0.29 of a processor`, vend(limit.file)] as const] : []),
      ];
    });
    const results = await interleave(Object.fromEntries(probes));
    const of = (name: string, time: (times: Times) => number) => median((results[name] ?? []).map(time));
    const names = probes.map(([name]) => name);
    const call = (name: string) => of(name, (times) => times.call);
    const ratio = call('this function') / call('without its first read');
    return [
      '**The first vend after loading**: the record is in DynamoDB Local behind TLS, and no connection is open yet',
      table(
        ['', 'load', 'first vend', 'both'],
        names
          .sort()
          .map((name) => [
            name,
            of(name, (times) => times.load).toFixed(1),
            call(name).toFixed(1),
            of(name, (times) => times.load + times.call).toFixed(1),
          ]),
      ),
      `Target: a first vend in at most 0.7 of the time without the first read (here ${ratio.toFixed(2)}). On a whole processor the first read saves nothing in total: it moves the work of
the first connection to the start. On Lambda it saves time, because a start gets a whole processor and a call with 512 MB gets 0.29 of one${limit ? ', as in the throttled lines' : ''}.`,
    ];
  } finally {
    tls.stop();
    limit?.stop();
    await dynamodb.stop();
  }
}
