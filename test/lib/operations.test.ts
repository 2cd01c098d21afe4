import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { PowertoolsTelemetry } from '../../lambda/aws/telemetry';
import { METRICS } from '../../lambda/metrics';
import { createService } from '../../lambda/service';
import { QUERIES } from '../../lib/queries';
import { apiEvent } from '../api/event';
import { outputOf } from '../support/captured-output';
import { World } from '../vending/world';
import { ask, type Row } from './insights';

const doc = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8');
const queries = [...doc.matchAll(/```\n(filter [^`]+)\n```/g)].map((match) => match[1] ?? '');
const [whoUsed = '', vendsByCaller = '', whyFailed = ''] = queries;

/** Names in the code font at the beginning of a table's rows, below a heading. */
const documented = (heading: string) => {
  const section = doc.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map((each) => each[1]),
  );
};

test("the document's queries are the ones of the dashboard's module", () => {
  expect(queries).toEqual([QUERIES.whoUsed('default'), QUERIES.vendsByCaller, QUERIES.whyMintsFailed]);
});

const JOB = 'arn:aws:sts::111122223333:assumed-role/nightly/one';
const JOB_LATER = 'arn:aws:sts::111122223333:assumed-role/nightly/two';
const OTHER = 'arn:aws:sts::444455556666:assumed-role/reports/x';

/** An afternoon of the real service, by the lines that it really writes. */
let rows: Row[] = [];
beforeAll(async () => {
  const world = new World();
  const written = await outputOf(async () => {
    const service = createService({
      store: world.table,
      secrets: world.secrets,
      minter: world.minter,
      clock: world.clock,
      chance: {
        number: () => 0,
        id: (() => {
          let ids = 0;
          return () => `mint-${++ids}`;
        })(),
      },
      credentials: ['default', 'sandbox'],
      telemetry: new PowertoolsTelemetry(
        new Logger({ serviceName: 'vending', logLevel: 'INFO' }),
        new Metrics({ namespace: METRICS.namespace, serviceName: 'vending' }),
      ),
    });
    const call = async (userArn: string, path = '/tokens/default') => {
      const event = apiEvent({ path });
      const account = userArn.split(':')[4];
      const identity = { ...event.requestContext.identity, userArn, accountId: account };
      await world.clock.run(service({ ...event, requestContext: { ...event.requestContext, identity } }));
    };
    await call(JOB);
    await call(JOB_LATER);
    await call(OTHER);
    await call(OTHER, '/tokens/nonsense');
    world.minter.fail('credentials_rejected');
    await call(OTHER, '/tokens/sandbox');
  });
  rows = written
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
});

describe('the queries, asked of real lines', () => {
  test('who used a credential: by role, whichever session it was', () => {
    expect(ask(whoUsed, rows)).toEqual([
      {
        caller_role: 'arn:aws:iam::111122223333:role/nightly',
        caller_account: '111122223333',
        outcome: 'vended',
        calls: 2,
        last: expect.anything(),
      },
      {
        caller_role: 'arn:aws:iam::444455556666:role/reports',
        caller_account: '444455556666',
        outcome: 'vended',
        calls: 1,
        last: expect.anything(),
      },
    ]);
  });

  test('vends by caller leave out what was refused', () => {
    expect(ask(vendsByCaller, rows)).toEqual([
      {
        credential: 'default',
        caller_role: 'arn:aws:iam::111122223333:role/nightly',
        vends: 2,
        last: expect.anything(),
      },
      {
        credential: 'default',
        caller_role: 'arn:aws:iam::444455556666:role/reports',
        vends: 1,
        last: expect.anything(),
      },
    ]);
  });

  test('why mints failed: by code and reason', () => {
    expect(ask(whyFailed, rows)).toEqual([
      {
        credential: 'sandbox',
        code: 'credentials_rejected',
        reason: 'test',
        failures: expect.any(Number),
        last: expect.anything(),
      },
    ]);
  });
});

test('every field of an audit line is documented, and no other', () => {
  const common = ['timestamp', 'level', 'service', 'message', 'sampling_rate', 'xray_trace_id', 'behind_failure'];
  const written = new Set(rows.filter(({ message }) => message === 'audit').flatMap((row) => Object.keys(row)));
  const fields = documented('The log lines').filter((name) => !['-', 'vend'].includes(name ?? ''));
  expect([...written].filter((name) => !common.includes(name)).sort()).toEqual(
    fields.filter((name) => name !== 'behind_failure').sort(),
  );
});

test('every metric is documented, and no other', () => {
  const names = Object.entries(METRICS).flatMap(([key, name]) => {
    if (key === 'namespace') return [];
    if (key === 'vend') return ['memory', 'table', 'mint'].map(METRICS.vend);
    return typeof name === 'function' ? [name('<code>')] : [name];
  });
  expect(documented('The metrics').sort()).toEqual(names.sort());
});
