import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, test } from '@jest/globals';
import { PowertoolsTelemetry } from '../../lambda/aws/telemetry';
import type { Fact } from '../../lambda/vending/types';
import { CANARIES, tracesOf } from '../support/canaries';
import { outputOf } from '../support/captured-output';

/** The lines that the telemetry writes, each parsed. */
async function linesOf(tell: (telemetry: PowertoolsTelemetry) => void): Promise<Record<string, unknown>[]> {
  const telemetry = new PowertoolsTelemetry(
    new Logger({ serviceName: 'vending', logLevel: 'INFO' }),
    new Metrics({ namespace: 'Test', serviceName: 'vending' }),
  );
  const written = await outputOf(async () => tell(telemetry));
  return written
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** The metrics: their dimensions, their credential and their values. */
function metricsOf(lines: readonly Record<string, unknown>[]) {
  return lines.flatMap((line) => {
    const { CloudWatchMetrics: found } = (line._aws ?? {}) as {
      CloudWatchMetrics?: { Metrics: { Name: string; Unit: string }[]; Dimensions: string[][] }[];
    };
    return (found ?? []).map(({ Metrics: metrics, Dimensions: dimensions }) => ({
      values: Object.fromEntries(metrics.map(({ Name: name, Unit: unit }) => [name, [line[name], unit]])),
      dimensions: Object.fromEntries((dimensions[0] ?? []).map((name) => [name, line[name]])),
      credential: line.credential,
    }));
  });
}

const audit = {
  action: 'vend',
  outcome: 'vended',
  credential: 'default',
  caller_arn: 'arn:aws:sts::111122223333:assumed-role/a/s',
  caller_role: 'arn:aws:iam::111122223333:role/a',
  caller_account: '111122223333',
  source_ip: '203.0.113.7',
  request_id: 'r-1',
  status: 200,
} as const;

describe('an audit line', () => {
  const vended = {
    ...audit,
    source: 'mint',
    expires_at: '2026-11-25T07:14:00.000Z',
    expires_in: 731,
    token_sha256_prefix: '0123456789abcdef',
  };

  test('is one log line with every field as it was given', async () => {
    const lines = await linesOf((telemetry) => telemetry.audit(vended));
    expect(lines).toEqual([
      expect.objectContaining({ level: 'INFO', message: 'audit', service: 'vending', ...vended }),
    ]);
  });

  test('counts answers with a token, and answers without one that are our fault; a field names the credential', async () => {
    const lines = await linesOf((telemetry) => {
      telemetry.audit(vended);
      telemetry.audit({ ...vended, action: 'reject', source: 'memory', behind_failure: 'upstream_unavailable' });
      telemetry.audit({ ...vended, credential: 'sandbox' });
      telemetry.audit({ ...audit, outcome: 'refused', status: 503, code: 'token_pending' });
      telemetry.audit({ ...audit, outcome: 'refused', status: 422, code: 'min_ttl_unattainable' });
      telemetry.flush();
    });
    const dimensions = { service: 'vending' };
    expect(metricsOf(lines)).toEqual([
      { dimensions, credential: 'default', values: { Vend: [[1, 1], 'Count'], Unserved: [1, 'Count'] } },
      { dimensions, credential: 'sandbox', values: { Vend: [1, 'Count'] } },
    ]);
  });

  test('of an invalid request is no metric', async () => {
    const { credential: _none, ...unknown } = audit;
    const lines = await linesOf((telemetry) => {
      telemetry.audit({ ...unknown, outcome: 'refused', status: 400, code: 'invalid_request' });
      telemetry.flush();
    });
    expect([lines.length, metricsOf(lines)]).toEqual([1, []]);
  });

  test('is not counted again by the next invocation', async () => {
    const lines = await linesOf((telemetry) => {
      telemetry.audit(vended);
      telemetry.flush();
      telemetry.flush();
    });
    expect(metricsOf(lines)).toHaveLength(1);
  });
});

describe('a fact', () => {
  const credential = 'default';
  test.each<[Fact, string | undefined, Record<string, unknown> | undefined]>([
    [
      {
        kind: 'minted',
        credential,
        cause: 'tick',
        durationMs: 350,
        expiresAt: 1_800_000_900,
        tokenSha256: 'ab'.repeat(32),
        secretVersion: 'v1',
      },
      'INFO',
      { Mint: [1, 'Count'] },
    ],
    [
      {
        kind: 'mint_failed',
        credential,
        cause: 'vend',
        durationMs: 5_000,
        code: 'upstream_unavailable',
        reason: 'timeout',
      },
      'ERROR',
      { MintFailure: [1, 'Count'] },
    ],
    [
      { kind: 'tick_failed', credential, code: 'secret_unavailable' },
      'ERROR',
      { MintFailure: [1, 'Count'], 'MintFailure.secret_unavailable': [1, 'Count'] },
    ],
    [{ kind: 'mint_superseded', credential, cause: 'vend' }, 'WARN', undefined],
    [{ kind: 'table_unreachable', credential, reason: 'ECONNREFUSED' }, 'WARN', { TableUnreachable: [1, 'Count'] }],
    [{ kind: 'waited', credential, durationMs: 400 }, 'INFO', undefined],
    [
      { kind: 'ticked', credential, secretAgeMs: 86_400_999 },
      undefined,
      { Tick: [1, 'Count'], SecretAge: [86_400, 'Seconds'] },
    ],
  ])('%j', async (fact, level, values) => {
    const lines = await linesOf((telemetry) => {
      telemetry.observe(fact);
      telemetry.flush();
    });
    const dimensions = { service: 'vending' };
    expect(metricsOf(lines)).toEqual(values === undefined ? [] : [{ dimensions, credential, values }]);
    const logged = lines.filter((line) => line.level !== undefined);
    expect(logged.map((line) => [line.level, line.message, line.credential])).toEqual(
      level === undefined ? [] : [[level, fact.kind, credential]],
    );
  });

  test('of a mint has only the beginning of the token’s hash', async () => {
    const tokenSha256 = '0123456789abcdef'.repeat(4);
    const lines = await linesOf((telemetry) =>
      telemetry.observe({
        kind: 'minted',
        credential,
        cause: 'vend',
        durationMs: 1,
        expiresAt: 1,
        tokenSha256,
        secretVersion: 'v',
      }),
    );
    expect(lines).toEqual([expect.objectContaining({ tokenSha256: '0123456789abcdef' })]);
  });
});

test('facts and faults have the id of their request; those of a tick have none', async () => {
  const superseded = { kind: 'mint_superseded', credential: 'default', cause: 'vend' } as const;
  const lines = await linesOf((telemetry) => {
    telemetry.observe(superseded, 'r-1');
    telemetry.fault(new Error('no'), 'r-2');
    telemetry.observe(superseded);
    telemetry.fault(new Error('no'));
  });
  expect(lines.map((line) => [line.message, line.request_id])).toEqual([
    ['mint_superseded', 'r-1'],
    ['fault', 'r-2'],
    ['mint_superseded', undefined],
    ['fault', undefined],
  ]);
});

/** An error whose stack still has the old message, because V8 builds the stack when it is first read. */
function changed(before: string, message: string): Error {
  const error = new Error(before);
  if (!error.stack?.includes(before)) throw new Error('the stack does not have the message');
  return Object.assign(error, { message });
}

describe('a fault', () => {
  const { secret } = CANARIES;
  const failed = (thrown: unknown): Fact => ({
    kind: 'mint_failed',
    credential: 'default',
    cause: 'vend',
    durationMs: 1,
    code: 'internal_error',
    thrown,
  });
  test.each<[string, unknown]>([
    ['an error', new RangeError(`no ${secret}`)],
    ['an error with a cause', new Error('no', { cause: new Error(secret) })],
    // Its stack contains the message, and the message looks like a stack.
    ['an error whose message has lines of its own', new SyntaxError(`no\n    at ${secret} (a.js:1:1)\n    at b`)],
    ['an error that carries a request', Object.assign(new Error('no'), { request: { body: secret } })],
    ['an error whose message was changed later', changed(`x\n    at ${secret}`, 'other')],
    ['an error whose message was removed', changed(`x\n    at ${secret}`, '')],
    ['an error whose message was shortened', changed(`x y\n    at ${secret}`, 'x')],
    ['an error without a stack', Object.assign(new Error(secret), { stack: undefined })],
    ['a text', secret],
    ['an object', { secret }],
    ['null', null],
    ['nothing', undefined],
  ])('that is %s is logged without its text', async (_what, thrown) => {
    const lines = await linesOf((telemetry) => telemetry.fault(thrown));
    expect(lines).toEqual([expect.objectContaining({ level: 'ERROR', message: 'fault' })]);
    const inMint = await linesOf((telemetry) => telemetry.observe(failed(thrown)));
    expect(inMint).toEqual([expect.objectContaining({ level: 'ERROR', message: 'mint_failed' })]);
    expect(tracesOf(secret, JSON.stringify([lines, inMint]))).toEqual([]);
  });

  test('shows where it happened, in a mint and elsewhere', async () => {
    const lines = await linesOf((telemetry) => {
      telemetry.fault(new TypeError('no'));
      telemetry.observe(failed(new TypeError('no')));
    });
    const at = expect.arrayContaining([expect.stringContaining(__filename)]);
    expect(lines).toEqual([
      expect.objectContaining({ message: 'fault', name: 'TypeError', at }),
      expect.objectContaining({ message: 'mint_failed', at }),
    ]);
  });
});
