import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { sign } from '../../../client/sign';
import { LOCAL_KEY } from '../../../local/token-api';
import { freePort, type Server, startServer } from '../../support/processes';
import { until } from '../../support/until';
import { interleave, ROUNDS } from '../probe';
import { publish, table } from '../report';
import { median } from '../stats';

/** With 20, `npm start` has nothing to do for a tenth of the time, while autocannon reads what it answered. */
const CONNECTIONS = 50;

const METHOD = `
\`npm start\` (signature check, the service, its answer, a line of log) beside the same HTTP server answering a constant: signed requests over ${CONNECTIONS} kept connections by
autocannon, a second at a time, ${ROUNDS} times each, in turn; medians. Server and autocannon share the machine's processors, pinned to none: the busier the
machine is otherwise, the more autocannon is the limit of both, and the better the ratio.`.trim();

export async function run(): Promise<void> {
  const [port, constantPort] = [await freePort(), await freePort()];
  const servers = [
    serve('npm-start', ['local/main.ts', '--port', String(port)]),
    serve('constant', ['test/bench/throughput/constant.ts', String(constantPort)]),
  ];
  try {
    const results = await interleave({
      'npm start': await loader(port),
      constant: await loader(constantPort),
    });
    const [ours, constant] = ['npm start', 'constant'].map((name) => median(results[name] ?? []));
    const ratio = (ours ?? 0) / (constant ?? 1);
    const rows = Object.entries(results).map(([name, rates]) => [name, Math.round(median(rates)).toLocaleString('en')]);
    publish({
      name: 'throughput',
      heading: 'Vends per second of `npm start`',
      packages: ['autocannon'],
      parts: [METHOD, table(['', 'answers a second'], rows), `To reach: at least 0.6 (here ${ratio.toFixed(2)}).`],
    });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function serve(name: string, args: readonly string[]): Server {
  return startServer({
    name: `bench-${name}`,
    command: process.execPath,
    args: ['--import', 'tsx', ...args],
    env: { PATH: process.env.PATH },
  });
}

/** Loads a server for a second, and tells how many answers a second it gave. The first second is not measured. */
async function loader(port: number): Promise<() => Promise<number>> {
  const url = new URL(`http://127.0.0.1:${port}/v1/tokens/default`);
  const load = async () => {
    const { accessKeyId, secretAccessKey, region, service } = LOCAL_KEY;
    const credentials = { accessKeyId, secretAccessKey };
    const headers = await sign({ method: 'GET', url, headers: {} }, { credentials, region, service, date: new Date() });
    const flags = Object.entries(headers).flatMap(([name, value]) => ['--headers', `${name}=${value}`]);
    const args = [require.resolve('autocannon'), '--json', '-c', String(CONNECTIONS), '-d', '1', ...flags, url.href];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const result = JSON.parse(stdout) as { non2xx: number; errors: number; requests: { average: number } };
    if (result.non2xx + result.errors > 0)
      throw new Error(`${result.non2xx} refusals, ${result.errors} errors from ${url}`);
    return result.requests.average;
  };
  await until(url.href, 30_000, () => fetch(url).catch(() => undefined));
  await load();
  return load;
}
