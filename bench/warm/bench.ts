import { join } from 'node:path';
import { startDynamoDbLocal } from '../../test/support/dynamodb-local';
import { build } from '../cold/bundles';
import { writeSources } from '../cold/sources';
import { fillTable, functionEnvironment } from '../function-table';
import { measure, ROUNDS } from '../probe';
import { publish, table } from '../report';
import { percentile } from '../stats';

/** Vends in a round that read the table. Memory answers ten times as many. */
const CALLS = 40;

const METHOD = `
The bench calls the deployed bundle in one warm process with API Gateway events. The log goes to /dev/null. In ${ROUNDS} rounds, it makes ${CALLS * 10} calls that memory answers and
${CALLS} that read the table. Each round also measures what they are compared with: an empty handler that returns the same answer, and a bare consistent
\`GetItem\` by a client with the same options.`.trim();

type Times = Readonly<Record<'memory' | 'empty' | 'table' | 'read', readonly number[]>>;

export async function run(): Promise<void> {
  const dynamodb = await startDynamoDbLocal();
  try {
    const rounds = ROUNDS + 5;
    const credentials = ['default', ...Array.from({ length: rounds * CALLS }, (_, n) => `c${n}`)];
    await fillTable(dynamodb.endpoint, credentials);
    const times = await measure<Times>({
      args: [
        build('warm', join(__dirname, 'probe.mjs')).file,
        build('deployed', writeSources().handler).file,
        String(ROUNDS),
        String(CALLS),
      ],
      env: functionEnvironment(dynamodb.endpoint, credentials),
    });
    const row = (title: string, name: keyof Times) => [
      title,
      ...[0.5, 0.99].map((share) => percentile(times[name], share).toFixed(3)),
    ];
    const p50 = (name: keyof Times) => percentile(times[name], 0.5);
    publish({
      name: 'warm',
      heading: 'Warm vends',
      packages: ['@aws-sdk/client-dynamodb'],
      parts: [
        METHOD,
        table(
          ['', 'p50 (ms)', 'p99 (ms)'],
          [
            row('a vend from memory', 'memory'),
            row('an empty handler', 'empty'),
            row('a vend from the table', 'table'),
            row('a bare GetItem', 'read'),
          ],
        ),
        `Target: from memory at most 0.1 ms above the empty handler (here ${(p50('memory') - p50('empty')).toFixed(3)}); from the table at most 1.15 of the bare read (here ${(p50('table') / p50('read')).toFixed(2)}).`,
      ],
    });
  } finally {
    await dynamodb.stop();
  }
}
