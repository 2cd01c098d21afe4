/** @jest-environment ./test/support/one-realm.ts */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { IDS } from '../../bin/verify/check';
import { ACCOUNT } from '../support/emulator';
import { failure, json, type Stub, type Stubs, xmlFailure } from '../verify/aws-front';
import { edited, eventsOf, merged, missingApis } from '../verify/missing-apis';
import { World, withStatus } from '../verify/world';

/** AWS's message when the caller's own policies lack a permission. */
const NOT_MINE = 'User: me is not authorized to perform: it because no identity-based policy allows the action';

describe('npm run verify, by its options and permissions', () => {
  let world: World;
  let stubs: Stubs;

  beforeAll(async () => {
    world = await World.make('VerifyOptions', ['default', 'probed', 'replaced', 'revoked', 'too-soon']);
    stubs = missingApis(world);
  });

  afterAll(async () => {
    await world?.end();
    expect(world.leaks()).toEqual([]);
  });

  test('as it stands, the emulator is red where docs/verify.md says so, and nowhere else', async () => {
    const page = readFileSync(join(__dirname, '../../docs/verify.md'), 'utf8');
    const table = page.slice(page.indexOf('## Against an emulator'));
    const documented = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id]) => id);

    const { status, stdout } = await world.command();

    const { rows } = JSON.parse(stdout) as { rows: { id: string; status: string }[] };
    expect(rows.map(({ id }) => id)).toEqual(IDS);
    expect(rows.filter((row) => row.status === 'failed').map(({ id }) => id)).toEqual(documented);
    expect(status).toBe(1);
  });

  test('people get a line for each row, and a count', async () => {
    const { stdout, isFine } = await world.run([
      stubs,
      { ...denied('kms:Encrypt'), 'apigateway:GetAccount': () => json({}) },
    ]);

    expect(isFine).toBe(false);
    expect(stdout).toMatch(/^unsigned {10}ok 403 unsigned_or_unknown_route, x-amzn-ErrorType MissingAuth/);
    expect(stdout).toMatch(/^key {15}not checked: needs kms:Encrypt$/m);
    expect(stdout).toMatch(/^api-log-role {6}FAILED .* What to do: deploy .*\.$/m);
    expect(stdout).toMatch(/\n21 ok, 1 failed, 1 not checked\.\n$/);
  });

  test('it changes nothing unless it is told to', async () => {
    world.front.asked.length = 0;

    expect((await world.run([stubs])).isFine).toBe(true);

    const changes = world.front.asked.filter(
      (operation) => !/^(GET |.*:(Get|List|Describe|Filter|Scan))/.test(operation),
    );
    // A session, a question to the logs, a dry run, and a SELECT.
    expect([...new Set(changes)].sort()).toEqual([
      ...['dynamodb:ExecuteStatement', 'kms:Encrypt', 'logs:StartQuery', 'sts:AssumeRole'],
    ]);
  });

  const denied = (operation: string): Stubs => {
    const isXml = /^(cloudformation|sns|sts):/.test(operation);
    return {
      [operation]: () =>
        isXml ? xmlFailure('AccessDenied', NOT_MINE) : failure('AccessDeniedException', NOT_MINE, 403),
    };
  };
  const ofTemplate = ['fiskil', 'audit', 'table-policy', 'secret-policy'];
  const ofFunction = ['fiskil', 'audit', 'queries', 'region', 'cold-start'];

  test.each([
    ['sts:AssumeRole', 'sts:AssumeRole', ['narrowed-session']],
    ['cloudformation:GetTemplate', 'cloudformation:GetTemplate', ofTemplate],
    [
      'cloudformation:ListStackResources',
      'cloudformation:ListStackResources',
      [...ofTemplate, 'key', 'ticks', 'alarms', 'mail'],
    ],
    ['lambda:GetFunctionConfiguration', 'lambda:GetFunctionConfiguration', ofFunction],
    ['lambda:GetAccountSettings', 'lambda:GetAccountSettings', ['concurrency']],
    ['lambda:GetFunctionConcurrency', 'lambda:GetFunctionConcurrency', ['concurrency']],
    ['logs:FilterLogEvents', 'logs:FilterLogEvents', ['audit', 'cold-start']],
    ['logs:StartQuery', 'logs:StartQuery', ['queries']],
    ['logs:GetQueryResults', 'logs:GetQueryResults', ['queries']],
    ['logs:DescribeLogGroups', 'logs:DescribeLogGroups', ['key']],
    ['dynamodb:GetResourcePolicy', 'dynamodb:GetResourcePolicy', ['table-policy']],
    ['dynamodb:GetItem', 'dynamodb:GetItem', ['table-policy']],
    ['dynamodb:Scan', 'dynamodb:Scan', ['table-policy']],
    ['dynamodb:ExecuteStatement', 'dynamodb:PartiQLSelect', ['table-policy']],
    ['dynamodb:DescribeTimeToLive', 'dynamodb:DescribeTimeToLive', ['ttl']],
    ['dynamodb:DescribeTable', 'dynamodb:DescribeTable', ['key']],
    ['secretsmanager:GetResourcePolicy', 'secretsmanager:GetResourcePolicy', ['secret-policy']],
    ['secretsmanager:GetSecretValue', 'secretsmanager:GetSecretValue', ['secret-policy']],
    ['secretsmanager:DescribeSecret', 'secretsmanager:DescribeSecret', ['rotation', 'key']],
    ['kms:Encrypt', 'kms:Encrypt', ['key']],
    ['monitoring:DescribeAlarms', 'cloudwatch:DescribeAlarms', ['ticks', 'alarms']],
    ['monitoring:GetMetricStatistics', 'cloudwatch:GetMetricStatistics', ['ticks']],
    ['sns:ListSubscriptionsByTopic', 'sns:ListSubscriptionsByTopic', ['mail']],
    ['apigateway:GetAccount', 'apigateway:GET', ['api-log-role']],
  ])('without %s, the rows that need it say so and are not red', async (operation, action, ids) => {
    const rows = await world.rows([stubs, denied(operation)]);

    expect([withStatus(rows, 'failed'), withStatus(rows, 'not_checked')]).toEqual([[], ids]);
    for (const id of ids) expect(rows[id]?.detail).toMatch(new RegExp(`^needs ${action}\\b`));
  });

  test.each([
    ['AccessDenied', /^These AWS credentials may not read the stack .*: allow cloudformation:DescribeStacks\.$/],
    ['ExpiredToken', /^AWS refuses these credentials in ap-southeast-2 \(ExpiredToken\): get fresh ones/],
    [
      'ValidationError',
      /^There is no stack VerifyOptions in ap-southeast-2: deploy it, or name the stack with --stack/,
    ],
  ])('without the stack (%s) there are no rows, but a sentence', async (name, sentence) => {
    await expect(world.rows([{ 'cloudformation:DescribeStacks': () => xmlFailure(name, 'canary') }])).rejects.toThrow(
      sentence,
    );
  });

  describe('--as-role', () => {
    const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/VerifyOptions-${name}`;

    test('a role that is granted the credential gets its tokens, under its own name', async () => {
      await world.deployed.caller('granted', 'default');

      const rows = await world.rows([stubs], '--as-role', roleArn('granted'));

      expect(withStatus(rows, 'failed')).toEqual([]);
      expect(rows.audit?.detail).toMatch(/as arn:aws:sts::\d+:assumed-role\/VerifyOptions-granted\/verify$/);
    });

    test('a role that is not is told so, and what needs its token is not checked', async () => {
      await world.deployed.caller('not-granted', 'probed');

      const rows = await world.rows([stubs], '--as-role', roleArn('not-granted'));

      expect(withStatus(rows, 'failed')).toEqual(['signed', 'min-ttl', 'presigned']);
      expect(rows.signed?.detail).toMatch(/^access_denied: .*What to do: attach the policy/);
      expect(withStatus(rows, 'not_checked')).toEqual(['narrowed-session', 'fiskil', 'audit']);
    });

    test('a role that cannot be assumed is a permission that is missing', async () => {
      const rows = await world.rows([stubs, denied('sts:AssumeRole')], '--as-role', roleArn('granted'));

      expect(withStatus(rows, 'failed')).toEqual([]);
      expect(rows.signed?.detail).toBe(`needs sts:AssumeRole on ${roleArn('granted')}`);
    });
  });

  describe('--probe-fiskil', () => {
    const probe = async (credential: string, ...breaks: Stubs[]) =>
      (await world.rows([stubs, ...breaks], '--credential', credential, '--probe-fiskil')).fiskil;

    test('mints twice, and says that the first token survives', async () => {
      expect(await probe('probed')).toMatchObject({
        status: 'ok',
        detail: expect.stringMatching(/team org_local, key .*The first token survives a second mint/),
      });
      expect(world.mintsOf('probed')).toHaveLength(2);
    });

    test('says that it does not, where only the newest lives', async () => {
      const endsTheFirst: Stub = async (_asked, behind) => {
        const told = await behind();
        world.standIn.revoke(world.mintsOf('replaced')[0]?.token ?? '');
        return told;
      };

      expect(await probe('replaced', { 'POST tokens/replaced/rejections': endsTheFirst })).toMatchObject({
        status: 'ok',
        detail: expect.stringMatching(/The first token does not survive a second mint \(401\)/),
      });
    });

    test('says when to come back, where a token was replaced a moment ago', async () => {
      const body = JSON.stringify({ code: 'rejection_too_soon', detail: 'Too soon.' });
      const headers = { 'content-type': 'application/problem+json', 'retry-after': '21' };

      expect(
        await probe('too-soon', { 'POST tokens/too-soon/rejections': () => ({ status: 429, headers, body }) }),
      ).toMatchObject({
        status: 'failed',
        detail: expect.stringMatching(/^rejection_too_soon: .*Try again after: 21 s/),
      });
    });
  });

  test('a token that Fiskil refuses is red, with what to do', async () => {
    await world.rows([stubs], '--credential', 'revoked');
    world.standIn.revoke(world.mintsOf('revoked')[0]?.token ?? '');

    const { fiskil } = await world.rows([stubs], '--credential', 'revoked');

    expect(fiskil).toMatchObject({ status: 'failed', detail: expect.stringMatching(/: 401, .*rotate it/) });
  });

  describe('--rotation-dry-run', () => {
    const line = (outcome: string) => JSON.stringify({ message: 'rotation', step: 'testSecret', outcome });
    const pending = merged({ VersionIdsToStages: { v1: ['AWSCURRENT'], v2: ['AWSPENDING'] } });
    let asked: string[];
    /** Secrets Manager, which the emulator has not: it runs one step, and the function logs it. */
    const secretsManager = (lines: readonly string[]): Stubs => ({
      'secretsmanager:RotateSecret': ({ body }) => {
        asked.push(body);
        return json({});
      },
      'logs:FilterLogEvents': (request, behind) => (request.body.includes('testSecret') ? eventsOf(lines) : behind()),
    });
    const dryRun = async (...breaks: Stubs[]) => {
      asked = [];
      return (await world.rows([stubs, ...breaks], '--rotation-dry-run')).rotation;
    };

    test('has Secrets Manager run testSecret, and rotates nothing', async () => {
      expect(await dryRun(secretsManager([line('done')]))).toMatchObject({
        status: 'ok',
        detail: expect.stringMatching(/The dry run ran testSecret and left no AWSPENDING$/),
      });
      expect(asked.map((body) => JSON.parse(body))).toEqual([
        expect.objectContaining({ SecretId: 'verifyoptions/default', RotateImmediately: false }),
      ]);
    });

    test.each([
      ['did not run testSecret', [secretsManager([])]],
      ['failed', [secretsManager([line('failed')])]],
    ])('is red where it %s', async (what, breaks) => {
      expect(await dryRun(...breaks)).toMatchObject({ status: 'failed', detail: expect.stringContaining(what) });
    });

    test('is red where it left a pending version', async () => {
      const left: Stub = (request, behind) => (asked.length > 0 ? pending(request, behind) : behind());

      expect(await dryRun(secretsManager([line('done')]), { 'secretsmanager:DescribeSecret': left })).toMatchObject({
        status: 'failed',
        detail: expect.stringContaining('left AWSPENDING'),
      });
    });

    test('is not begun while a rotation is under way', async () => {
      expect(await dryRun(secretsManager([line('done')]), { 'secretsmanager:DescribeSecret': pending })).toMatchObject({
        status: 'failed',
        detail: expect.stringContaining('is under way'),
      });
      expect(asked).toEqual([]);
    });
  });

  test('a small account is a warning, and no failure', async () => {
    const small: Stub = () => json({ AccountLimit: { ConcurrentExecutions: 10 } });

    expect((await world.rows([stubs, { 'lambda:GetAccountSettings': small }])).concurrency).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/^The function may run 10 times at once\. Warning: that is below 100/),
    });
  });

  test("a stack elsewhere that mints at Fiskil's own URL is a warning, and no failure", async () => {
    const elsewhere: Stubs = {
      'cloudformation:DescribeStacks': edited((body) => body.replaceAll('ap-southeast-2', 'us-east-1')),
      'lambda:GetFunctionConfiguration': edited((body) =>
        body.replace(/"TOKEN_URL": ?"[^"]*"/, '"TOKEN_URL":"https://api.fiskil.com/v1/token"'),
      ),
    };

    expect((await world.rows([stubs, elsewhere])).region).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/^The stack is in us-east-1\. Warning: Fiskil is in ap-southeast-2/),
    });
  });

  test('a private API is not to be reached from outside, and what asks it is not checked', async () => {
    const forbidden: Stub = () => json({ message: 'Forbidden' }, 403, { 'x-amzn-errortype': 'ForbiddenException' });
    const isPrivate = edited((body) => body.replace('"REGIONAL"', '"PRIVATE"'));

    const rows = await world.rows([
      stubs,
      { 'GET tokens/default': forbidden, 'GET no-such-route': forbidden, 'cloudformation:GetTemplate': isPrivate },
    ]);

    expect(withStatus(rows, 'failed')).toEqual([]);
    expect(rows.unsigned).toMatchObject({ status: 'ok', detail: expect.stringContaining('private') });
    expect(withStatus(rows, 'not_checked')).toEqual(IDS.slice(1, IDS.indexOf('table-policy')));
  });
});
