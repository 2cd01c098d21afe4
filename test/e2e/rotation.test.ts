import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MEMORY_AGE } from '../../lambda/vending/budgets';
import type { Pair } from '../../lambda/vending/types';
import { STAND_IN_TEAM } from '../../local/fiskil-stand-in';
import { CANARIES, tracesOf } from '../support/canaries';
import { deploy } from '../support/cdk';
import { DeployedFunction } from '../support/deployed-function';
import { DeployedSecret } from '../support/deployed-secret';
import { Scene } from '../support/scene';
import { emulatorEndpoint } from '../support/start-emulator';
import { until } from '../support/until';

const STACK = 'Rotation';
const WAY_A = ['edited', 'edited-wrongly', 'refused', 'foreign'] as const;
const WAY_B = ['staged', 'staged-wrongly', 'staged-foreign', 'not-staged'] as const;
const CALLERS = 8;
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

let scene: Scene;
let rotation: DeployedFunction;

beforeAll(async () => {
  scene = await Scene.set(STACK, [...WAY_A, ...WAY_B]);
  await scene.deployed.function.stopTicking();
  const { RotationFunctionName: name = '' } = await deploy(emulatorEndpoint(), {
    stack: STACK,
    // These tests call more often than the API lets through by default.
    context: { ...scene.deployed.context, 'fiskil:rotation': 'true', 'fiskil:throttle': '{"rate":1000,"burst":1000}' },
    app: 'npx tsx test/e2e/without-schedules.ts',
  });
  await scene.deployed.function.stopTicking();
  rotation = new DeployedFunction(emulatorEndpoint(), name);
});

afterAll(() => scene?.end());

/** Ends what a failed test left calling. */
let stopWatching: (() => void) | undefined;
afterEach(() => stopWatching?.());

const secretOf = (credential: string) => new DeployedSecret(emulatorEndpoint(), `${STACK.toLowerCase()}/${credential}`);

const nextOf = (credential: string): Pair => ({
  clientId: `next-client-of-${credential}`,
  clientSecret: CANARIES.secret,
});

const rows = ({ clientId, clientSecret }: Pair) => ({ client_id: clientId, client_secret: clientSecret });

/** Calls until stopped. `stop` returns the statuses. */
function watch(credential: string): { stop(): Promise<number[]> } {
  const statuses: number[] = [];
  let stopped = false;
  const ended = (async () => {
    while (!stopped) {
      statuses.push((await scene.get(credential)).status);
    }
  })();
  stopWatching = () => {
    stopped = true;
  };
  return {
    stop: async () => {
      stopped = true;
      await ended;
      return statuses;
    },
  };
}

const served = async (credential: string) => (await scene.get(credential)).body.client_id;

/** Fires a tick, and waits until all callers get tokens of this pair: an environment may answer from its memory. */
async function tickUntilServed(credential: string, { clientId }: Pair): Promise<void> {
  expect(await scene.deployed.function.tick()).toBeUndefined();
  await until(`tokens of ${clientId} for all callers`, MEMORY_AGE + 2_000, async () => {
    const all = await Promise.all(Array.from({ length: CALLERS }, () => served(credential)));
    return all.every((id) => id === clientId) ? true : undefined;
  });
}

/** The log lines of the function that vends, about one credential. */
async function told(credential: string): Promise<Record<string, unknown>[]> {
  const lines = (await scene.deployed.function.logLines()).filter((line) => line.includes(`"${credential}"`));
  return lines.map((line) => JSON.parse(line.slice(line.indexOf('{'))));
}

describe('way A, the value is edited', () => {
  test('one tick later every caller gets the new pair, and no call fails in between', async () => {
    const old = await scene.configure('edited');
    const next = nextOf('edited');
    scene.standIn.accept(next);
    expect(await served('edited')).toBe(old.clientId);
    const calls = watch('edited');

    await scene.deployed.paste('edited', next);
    expect(await served('edited')).toBe(old.clientId);
    await tickUntilServed('edited', next);

    expect(new Set(await calls.stop())).toEqual(new Set([200]));
    expect(scene.standIn.mints.filter(({ clientId }) => clientId === next.clientId)).toHaveLength(1);
  });

  test('a pair that Fiskil refuses is counted and logged while the old token is served; the next edit heals it', async () => {
    const old = await scene.configure('refused');
    expect(await served('refused')).toBe(old.clientId);
    const calls = watch('refused');

    await scene.deployed.paste('refused', nextOf('refused'));
    expect(await scene.deployed.function.tick()).toBeUndefined();

    expect(await served('refused')).toBe(old.clientId);
    const lines = await told('refused');
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: 'mint_failed',
        cause: 'tick',
        code: 'credentials_rejected',
        upstream_error_id: expect.stringMatching(/^err_/),
        upstream_error_name: 'unauthorized',
      }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ _aws: expect.anything(), 'MintFailure.credentials_rejected': 1 }),
    );

    scene.standIn.accept(nextOf('refused'));
    await scene.deployed.paste('refused', nextOf('refused'));
    await tickUntilServed('refused', nextOf('refused'));
    expect(new Set(await calls.stop())).toEqual(new Set([200]));
  });

  test('a pair of another team than the row org_id says is logged while the old token is served; the right one heals it', async () => {
    const old = await scene.configure('foreign');
    expect(await served('foreign')).toBe(old.clientId);
    const calls = watch('foreign');
    const next = nextOf('foreign');
    const edit = () => secretOf('foreign').edit(JSON.stringify({ ...rows(next), org_id: STAND_IN_TEAM }));

    scene.standIn.accept(next, 'org_sandbox');
    await edit();
    expect(await scene.deployed.function.tick()).toBeUndefined();

    expect(await served('foreign')).toBe(old.clientId);
    expect(await told('foreign')).toContainEqual(
      expect.objectContaining({
        message: 'mint_failed',
        code: 'credentials_rejected',
        reason: 'the pair belongs to another Fiskil team than the row org_id says',
      }),
    );

    scene.standIn.accept(next, STAND_IN_TEAM);
    await edit();
    await tickUntilServed('foreign', next);
    expect(new Set(await calls.stop())).toEqual(new Set([200]));
  });

  test('a value that is not JSON is told by its fault, and never by itself; the next edit heals it', async () => {
    const old = await scene.configure('edited-wrongly');
    const next = nextOf('edited-wrongly');
    scene.standIn.accept(next);
    expect(await served('edited-wrongly')).toBe(old.clientId);
    const calls = watch('edited-wrongly');

    await secretOf('edited-wrongly').edit(CANARIES.secret);
    expect(await scene.deployed.function.tick()).toBeUndefined();

    expect(await served('edited-wrongly')).toBe(old.clientId);
    const lines = await told('edited-wrongly');
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: 'tick_failed',
        code: 'credential_not_configured',
        reason: expect.stringMatching(/^The secret is not JSON; /),
      }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ _aws: expect.anything(), 'MintFailure.credential_not_configured': 1 }),
    );
    expect(tracesOf(CANARIES.secret, (await scene.deployed.function.logLines()).join('\n'))).toEqual([]);

    await scene.deployed.paste('edited-wrongly', next);
    await tickUntilServed('edited-wrongly', next);
    expect(new Set(await calls.stop())).toEqual(new Set([200]));
  });
});

describe('way B, a pair is staged and rotated', () => {
  beforeAll(async () => {
    for (const credential of WAY_B) await secretOf(credential).switchRotationOn();
  });

  /** Saves the live pair with these rows beside it. */
  async function stage(credential: string, live: Pair, staged: Record<string, string>): Promise<DeployedSecret> {
    const secret = secretOf(credential);
    await secret.edit(JSON.stringify({ ...rows(live), ...staged, note: 'ours' }));
    return secret;
  }

  async function step(Step: string, secret: DeployedSecret, token: string): Promise<string | undefined> {
    return rotation.invoke({
      Step,
      SecretId: await secret.arn(),
      ClientRequestToken: token,
      RotationToken: CANARIES.token,
    });
  }

  test('the four steps make it current, the next tick takes it over, and no call fails in between', async () => {
    const old = await scene.configure('staged');
    const next = nextOf('staged');
    scene.standIn.accept(next);
    expect(await served('staged')).toBe(old.clientId);
    const calls = watch('staged');
    const secret = await stage('staged', old, { next_client_id: next.clientId, next_client_secret: next.clientSecret });

    // The edit that stages is not a rotation.
    expect(await scene.deployed.function.tick()).toBeUndefined();
    expect(scene.mints('staged')).toHaveLength(1);

    const token = randomUUID();
    await secret.begin(token);
    for (const name of STEPS) expect(await step(name, secret, token)).toBeUndefined();

    expect(await secret.labelled('AWSCURRENT')).toBe(token);
    await tickUntilServed('staged', next);
    expect(new Set(await calls.stop())).toEqual(new Set([200]));
    const log = (await rotation.logLines()).filter((line) => line.includes(token));
    expect(log.map((line) => JSON.parse(line.slice(line.indexOf('{'))))).toMatchObject(
      STEPS.map((name) => ({ message: 'rotation', step: name, outcome: 'done', secret: secret.name })),
    );
    expect(log[2]).toContain('"scopes":["api:banking",');
  });

  test('a staged pair that Fiskil refuses stays staged: AWSCURRENT is untouched, AWSPENDING is off', async () => {
    const old = await scene.configure('staged-wrongly');
    const next = nextOf('staged-wrongly');
    const staged = { next_client_id: next.clientId, next_client_secret: next.clientSecret };
    const secret = await stage('staged-wrongly', old, staged);
    const before = await secret.labelled('AWSCURRENT');
    const token = randomUUID();
    await secret.begin(token);

    expect(await step('createSecret', secret, token)).toBeUndefined();
    expect(await step('testSecret', secret, token)).toMatch(/^Fiskil refused the staged pair/);

    expect(await secret.labelled('AWSCURRENT')).toBe(before);
    expect(await secret.labelled('AWSPENDING')).toBeUndefined();
    expect(await served('staged-wrongly')).toBe(old.clientId);
  });

  test('a staged pair of another team than the row org_id says fails for good in testSecret', async () => {
    const old = await scene.configure('staged-foreign');
    const next = nextOf('staged-foreign');
    scene.standIn.accept(next, 'org_sandbox');
    const staged = { next_client_id: next.clientId, next_client_secret: next.clientSecret, org_id: STAND_IN_TEAM };
    const secret = await stage('staged-foreign', old, staged);
    const before = await secret.labelled('AWSCURRENT');
    const token = randomUUID();
    await secret.begin(token);

    expect(await step('createSecret', secret, token)).toBeUndefined();
    expect(await step('testSecret', secret, token)).toMatch(/^The staged pair belongs to another Fiskil team/);

    expect(await secret.labelled('AWSCURRENT')).toBe(before);
    expect(await secret.labelled('AWSPENDING')).toBeUndefined();
    expect(await served('staged-foreign')).toBe(old.clientId);
  });

  test('with nothing staged the press says what to add where; the probe of a deploy passes', async () => {
    const secret = await stage('not-staged', await scene.configure('not-staged'), {});
    const token = randomUUID();
    await secret.begin(token);

    expect(await step('testSecret', secret, token)).toBeUndefined();
    expect(await step('createSecret', secret, token)).toMatch(/^Nothing is staged in this secret\. Add the rows/);

    expect(await secret.labelled('AWSPENDING')).toBeUndefined();
  });

  test('the function cannot touch a secret that is not configured', async () => {
    const secret = await DeployedSecret.create(emulatorEndpoint(), '{}');
    expect(await step('createSecret', secret, randomUUID())).toMatch(/\(AccessDenied/);
  });

  test('its log holds no secret, no token of Fiskil and no rotation token', async () => {
    const log = (await rotation.logLines()).join('\n');
    expect(log).toContain('"outcome":"failed"');
    expect(tracesOf(CANARIES.secret, log)).toEqual([]);
    expect(tracesOf(CANARIES.token, log)).toEqual([]);
    expect(log).not.toContain('canary-secret-of');
    for (const { token } of scene.standIn.mints) expect(log).not.toContain(token);
  });
});
