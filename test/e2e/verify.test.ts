/** @jest-environment ./test/support/one-realm.ts */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { IDS } from '../../bin/verify/check';
import type { Stubs } from '../verify/aws-front';
import { BREAKS } from '../verify/breaks';
import { missingApis } from '../verify/missing-apis';
import { World, withStatus } from '../verify/world';

describe('npm run verify', () => {
  let world: World;
  let stubs: Stubs;

  beforeAll(async () => {
    world = await World.make('Verify', ['default', 'second', 'third']);
    stubs = missingApis(world);
  });

  afterAll(async () => {
    await world?.end();
    expect(world.leaks()).toEqual([]);
  });

  test('every row is ok where everything is as it was deployed', async () => {
    const rows = await world.rows([stubs]);

    expect(Object.keys(rows)).toEqual(IDS);
    expect(Object.values(rows).filter(({ status }) => status !== 'ok')).toEqual([]);
  });

  test('every row has a break', () => {
    expect([...new Set(BREAKS.map(([id]) => id))]).toEqual(IDS);
  });

  test.each(BREAKS)('%s, and no other row, is red when %s', async (id, _what, how) => {
    const rows = await world.rows([stubs, how()]);

    expect(withStatus(rows, 'failed')).toEqual([id]);
    expect(rows[id]?.detail).toMatch(/What to do: /);
  });
});
