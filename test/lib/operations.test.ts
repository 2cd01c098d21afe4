import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { PowertoolsTelemetry } from '../../lambda/aws/telemetry';
import { ALARMED_FAILURES, METRICS } from '../../lambda/metrics';
import type { RotationLine } from '../../lambda/rotation/function';
import { createService } from '../../lambda/service';
import type { Fact } from '../../lambda/vending/types';
import { QUERIES } from '../../lib/queries';
import { apiEvent } from '../api/event';
import { outputOf } from '../support/captured-output';
import { World } from '../vending/world';
import { ask, type Row } from './insights';

const doc = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8');
const queries = [...doc.matchAll(/```\n(filter [^`]+)\n```/g)].map((match) => match[1] ?? '');
const [whoUsed = '', vendsByCaller = '', whyFailed = ''] = queries;

/** The rows of the table that follows these words, each as the names in the code font of its cells; without what is in brackets. */
const documented = (words: string): string[][][] => {
  const [, table = ''] = doc.slice(doc.indexOf(words)).split('\n\n');
  return table
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => [...cell.replace(/\([^)]*\)/, '').matchAll(/`([^`]+)`/g)].map((name) => name[1] ?? '')),
    );
};

test("the document's queries are the ones of the dashboard's module", () => {
  expect(queries).toEqual([QUERIES.whoUsed('default'), QUERIES.vendsByCaller, QUERIES.whyMintsFailed]);
});

const JOB = 'arn:aws:sts::111122223333:assumed-role/nightly/one';
const JOB_LATER = 'arn:aws:sts::111122223333:assumed-role/nightly/two';
const ALICE = 'arn:aws:iam::111122223333:user/alice';
const OTHER = 'arn:aws:sts::444455556666:assumed-role/reports/x';

const linesIn = (written: string): Row[] =>
  written
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

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
    // When a fifth of its life is left, a caller would replace the token.
    world.minter.fail('upstream_unavailable');
    await world.clock.advance(750_000);
    await call(ALICE);
    world.secrets.createdAt = world.clock.now() - 86_400_000;
    await world.clock.run(service({ source: 'aws.events' }));
  });
  rows = linesIn(written);
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
      { caller_role: ALICE, caller_account: '111122223333', outcome: 'vended', calls: 1, last: expect.anything() },
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
      { credential: 'default', caller_role: ALICE, vends: 1, last: expect.anything() },
    ]);
  });

  test('the answers of a credential: from where, with how much life, and behind or with which failure', () => {
    const last = expect.anything();
    expect(ask(QUERIES.answers, rows).map((row) => JSON.parse(JSON.stringify(row)))).toEqual([
      { credential: 'default', action: 'vend', outcome: 'vended', source: 'memory', answers: 2, least_life: 899, last },
      { credential: 'default', action: 'vend', outcome: 'vended', source: 'mint', answers: 1, least_life: 899, last },
      { action: 'unknown', outcome: 'refused', code: 'unknown_credential', answers: 1, last },
      { credential: 'sandbox', action: 'vend', outcome: 'refused', code: 'credentials_rejected', answers: 1, last },
      {
        ...{ credential: 'default', action: 'vend', outcome: 'vended', source: 'table' },
        ...{ behind_failure: 'upstream_unavailable', answers: 1, least_life: 148, last },
      },
    ]);
  });

  test('how long mints and the waits for them took, and how old each secret is', () => {
    const once = { times: 1, mean: 350, longest: 350, last: expect.anything() };
    expect(ask(QUERIES.mintTimes, rows)).toEqual([
      { credential: 'default', message: 'minted', ...once },
      { credential: 'default', message: 'waited', ...once },
      { credential: 'sandbox', message: 'waited', ...once },
    ]);
    expect(ask(QUERIES.ages, rows)).toEqual([
      { credential: 'default', age: 86_400 },
      { credential: 'sandbox', age: 86_400 },
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
      {
        credential: 'default',
        code: 'upstream_unavailable',
        reason: 'test',
        failures: 1,
        last: expect.anything(),
      },
    ]);
  });
});

/** What Powertools adds to each line. */
const COMMON = ['timestamp', 'level', 'service', 'message', 'sampling_rate', 'xray_trace_id'];
const fieldsOf = (lines: readonly Row[]) => {
  const names = new Set(lines.flatMap((line) => Object.keys(line)));
  return [...names].filter((name) => !COMMON.includes(name)).sort();
};

test('every field of an audit line is documented, and no other', () => {
  const fields = documented('`audit` —').flatMap(([names = []]) => names);
  expect(fieldsOf(rows.filter(({ message }) => message === 'audit'))).toEqual(fields.sort());
});

test('every field of the other lines is documented, and no other', async () => {
  // The types name every field that there can be.
  const about = { credential: 'default', cause: 'vend', durationMs: 1 } as const;
  const said = { upstream_error_id: 'err_1', upstream_error_name: 'unauthorized' };
  const facts: { readonly [K in Fact['kind']]: Required<Extract<Fact, { kind: K }>> } = {
    minted: { kind: 'minted', ...about, expiresAt: 1, tokenSha256: 'ab', secretVersion: 'v' },
    mint_failed: {
      kind: 'mint_failed',
      ...about,
      code: 'internal_error',
      reason: 'test',
      thrown: new Error(),
      ...said,
    },
    tick_failed: {
      kind: 'tick_failed',
      credential: 'default',
      code: 'internal_error',
      reason: 'test',
      thrown: new Error(),
      ...said,
    },
    team_not_told: { kind: 'team_not_told', credential: 'default', cause: 'vend' },
    mint_superseded: { kind: 'mint_superseded', credential: 'default', cause: 'vend' },
    lease_not_taken: { kind: 'lease_not_taken', credential: 'default', cause: 'vend', reason: 'changed' },
    table_unreachable: { kind: 'table_unreachable', credential: 'default', reason: 'test' },
    waited: { kind: 'waited', credential: 'default', durationMs: 1 },
    ticked: { kind: 'ticked', credential: 'default', secretAgeMs: 1 },
  };
  const rotation: Required<RotationLine> = {
    secret: '',
    step: '',
    version: '',
    outcome: 'done',
    detail: '',
    scopes: [],
    upstream_error_id: '',
    upstream_error_name: '',
  };
  /** What no one call brings about. */
  const ofNoRequest: readonly Fact['kind'][] = ['tick_failed', 'table_unreachable'];
  const telemetry = new PowertoolsTelemetry(new Logger({ logLevel: 'INFO' }), new Metrics());
  const written = linesIn(
    await outputOf(async () => {
      for (const fact of Object.values(facts)) {
        telemetry.observe(fact, ofNoRequest.includes(fact.kind) ? undefined : 'r-1');
      }
      telemetry.fault(new Error(), 'r-1');
    }),
  );
  const lines = [...written, { message: 'rotation', ...rotation }];
  expect(documented('The other lines').map(([kind, , fields]) => [...(kind ?? []), fields?.sort()])).toEqual(
    lines.map((line: Row) => [line.message, fieldsOf([line])]),
  );
});

test('every metric is documented, and no other', () => {
  const names = Object.entries(METRICS).flatMap(([key, name]) => {
    if (key === 'namespace') return [];
    return typeof name === 'function' ? ALARMED_FAILURES.map(name) : [name];
  });
  expect(
    documented('Namespace')
      .flatMap(([cell = []]) => cell)
      .sort(),
  ).toEqual(names.sort());
});
