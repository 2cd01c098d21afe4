import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { ministackPython } from '../../test/support/toolbox';
import { build } from '../cold/bundles';
import { interleave, measure, type Probe, ROUNDS } from '../probe';
import { publish, table } from '../report';
import { median } from '../stats';
import { serveTls, type TlsServer } from '../tls';

/** Calls in one round of the hits. */
const CALLS = 100_000;

const METHOD = `
*A hit* is \`await getToken()\` with a token in the client's memory, compared with \`await map.get()\`; ${ROUNDS} rounds of ${CALLS.toLocaleString('en')}, in turn. *The first call* is a fresh
process on one processor. It loads the code, signs, and gets its answer from a TLS server on loopback that answers at once. Each number is the median of ${ROUNDS}
rounds, in which the clients take turns. All JavaScript is bundled the same way. Python's SDK signs with botocore. The bench is \`bench/caller\`.`.trim();

/** As Lambda gives them to a function. They open nothing. */
const KEYS = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_SESSION_TOKEN: 'x'.repeat(800),
};

/** aws4 is CommonJS, which an ES module can hold only with this. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

interface FirstCall {
  readonly load: number;
  readonly both: number;
}

export async function run(): Promise<void> {
  const hits = await measure<Record<'hit' | 'map', number[]>>({
    args: [build('hit', join(__dirname, 'hit-probe.mjs')).file, String(ROUNDS), String(CALLS), answer()],
    env: KEYS,
  });
  const [hit, map] = [median(hits.hit), median(hits.map)];
  const server = await serveTls((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer());
  });
  try {
    const calls = await firstCalls(server);
    publish({
      name: 'caller',
      heading: 'At the caller',
      packages: ['aws4', '@smithy/signature-v4', 'aws4fetch', '@aws-sdk/signature-v4'],
      parts: [
        METHOD,
        table(
          ['', 'ns'],
          [
            ['a hit', hit.toFixed(0)],
            ['a Map', map.toFixed(0)],
          ],
        ),
        `Target: a hit in at most 1,000 ns (here ${hit.toFixed(0)}).`,
        table(['first call', 'load (ms)', 'load, sign, send (ms)', '× this client'], calls),
        'Target: at most 1.1 times the fastest, so no number below 0.91.',
      ],
    });
  } finally {
    server.stop();
  }
}

async function firstCalls({ url, certificate }: TlsServer): Promise<string[][]> {
  await import('../../client/build');
  const env = {
    ...KEYS,
    FISKIL_TOKEN_API_URL: `${url}/v1/`,
    NODE_EXTRA_CA_CERTS: certificate,
  };
  const node = (name: string, changes: BuildOptions = {}): Probe => ({
    args: [join(__dirname, 'first-call-probe.mjs'), build(name, join(__dirname, `${name}.mjs`), changes).file],
    env,
  });
  const probes: Record<string, Probe> = {
    'this client': node('this-client'),
    'aws4, node:https': node('aws4', { banner: { js: REQUIRE } }),
    '@smithy/signature-v4, node:https': node('smithy'),
    'aws4fetch, global fetch': node('aws4fetch'),
    '@aws-sdk/signature-v4, global fetch': node('signature-v4'),
    'botocore (Python)': { command: ministackPython(), args: [join(__dirname, 'botocore_probe.py')], env },
  };
  const results = await interleave(
    Object.fromEntries(Object.entries(probes).map(([name, probe]) => [name, () => measure<FirstCall>(probe)])),
  );
  const of = (name: string, time: (call: FirstCall) => number) => median((results[name] ?? []).map(time));
  const both = (name: string) => of(name, (call) => call.both);
  return Object.keys(probes).map((name) => [
    name,
    of(name, (call) => call.load).toFixed(1),
    both(name).toFixed(1),
    (both(name) / both('this client')).toFixed(2),
  ]);
}

function answer(): string {
  return JSON.stringify({
    token: 'x'.repeat(850),
    token_type: 'Bearer',
    expires_in: 900,
    expires_at: new Date(Date.now() + 900_000).toISOString(),
    client_id: 'bench',
    credential: 'default',
  });
}
