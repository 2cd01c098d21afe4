import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../support/until';
import type { Driver, Outcome } from './driver';
import { nameOf, ScriptedServer, wireToken } from './scripted-server';
import { type Call, type Case, type Failure, type Step, table } from './table';

/** Milliseconds. Only a failing test takes so long. */
const PATIENCE_MS = 5_000;

/** Runs the table against a client. */
export function runContract(client: string, start: () => Promise<Driver>): void {
  const server = new ScriptedServer();
  let driver: Driver;
  beforeAll(async () => {
    await server.start();
    driver = await start();
  });
  afterAll(async () => {
    await driver.stop();
    await server.stop();
  });

  describe(`the contract of a client, ${client}`, () => {
    test.each(table().map((one) => [one.name, one] as const))('%s', async (_, one) => {
      await runCase(one, driver, server);
    });
  });
}

async function runCase({ env, server: answers = [], steps }: Case, driver: Driver, server: ScriptedServer) {
  await driver.open(environment(server.script(answers), env));
  const underWay = new Map<string, Promise<Outcome[]>>();
  for (const [index, step] of steps.entries()) {
    const place = `step ${index + 1}, ${JSON.stringify(step)}`;
    if ('as' in step && step.as !== undefined) {
      const before = server.seen;
      underWay.set(step.as, driver.call(onTheWire(step)));
      await until(place, PATIENCE_MS, async () => {
        // Wait for all callers: one that comes after the answer would make another request.
        const areThere = (await driver.waiting()) >= (step.times ?? 1);
        return (areThere && server.seen > before) || undefined;
      });
    } else if ('call' in step) {
      check(place, step, await driver.call(onTheWire(step)));
    } else if ('end' in step) {
      check(place, step, (await underWay.get(step.end)) ?? []);
    } else {
      await act(place, step, driver, server);
    }
  }
}

async function act(place: string, step: Step, driver: Driver, server: ScriptedServer): Promise<void> {
  if ('release' in step) server.release();
  if ('move' in step) await driver.move(step.move);
  if ('wall' in step) await driver.wall(step.wall);
  if ('settle' in step) await driver.settle();
  if ('spent_less_than' in step) expect(await driver.spent()).toBeLessThan(step.spent_less_than);
  if ('saw_at_least' in step) expect(server.takeSeen().length).toBeGreaterThanOrEqual(step.saw_at_least);
  if ('saw' in step) {
    // A request in the background may be under way.
    await until(place, PATIENCE_MS, async () => server.seen >= step.saw.length || undefined).catch(() => {});
    expect([place, server.takeSeen()]).toEqual([place, step.saw]);
  }
}

function onTheWire(call: Call): Call {
  return !call.token ? call : { ...call, token: wireToken(call.token) };
}

function check(place: string, { gives, fails }: { gives?: string; fails?: Failure }, outcomes: readonly Outcome[]) {
  expect(outcomes.length).toBeGreaterThan(0);
  for (const { token, error } of outcomes) {
    if (fails === undefined) {
      expect([place, error ?? (token === undefined ? undefined : nameOf(token))]).toEqual([place, gives]);
      continue;
    }
    const { says = '', ...facts } = fails;
    expect([place, error]).toEqual([place, expect.objectContaining(facts)]);
    expect(error?.message).toContain(says);
    expect(error?.message).not.toMatch(/canary/i);
  }
}

function environment(url: string, changed: Case['env'] = {}): Record<string, string> {
  const usual = {
    FISKIL_TOKEN_API_URL: url,
    AWS_REGION: 'ap-southeast-2',
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'canary-secret-key',
    AWS_SESSION_TOKEN: 'canary-session',
  };
  const all = Object.entries({ ...usual, ...changed });
  return Object.fromEntries(all.filter((pair): pair is [string, string] => pair[1] !== null));
}
