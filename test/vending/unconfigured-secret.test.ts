import { beforeEach, describe, expect, test } from '@jest/globals';
import { VendingError } from '../../lambda/vending/errors';
import { codeOf, START, World } from './world';

const REQUEST = { credential: 'default' };

let world: World;
beforeEach(() => {
  world = new World();
});

describe('an unconfigured secret', () => {
  const unconfigured = new VendingError('credential_not_configured', 'test', 2);

  test('is not remembered in the record, and the lease ends', async () => {
    world.secrets.failure = unconfigured;
    expect(await codeOf(world.vend())).toBe('credential_not_configured');
    expect(world.table.peek('default')).toEqual({});
  });

  test('is read again every 2 s by one environment, and the next call after the paste is served', async () => {
    const environment = world.environment();
    world.secrets.failure = unconfigured;
    await world.clock.run(codeOf(environment.vend(REQUEST)));
    world.secrets.failure = undefined;
    const vended = await world.clock.run(environment.vend(REQUEST));
    expect(vended.source).toBe('mint');
    expect(vended.at).toBe(START + 2_000 + 1 + 350);
    expect(world.secrets.reads).toBe(2);
  });

  test('is minted with by nobody, though the environment remembers what was in it', async () => {
    const environment = world.environment();
    await world.clock.run(environment.vend(REQUEST));
    world.table.put('default', undefined);
    world.secrets.failure = unconfigured;
    await world.clock.advance(10_000);
    expect(await world.clock.run(codeOf(environment.vend(REQUEST)))).toBe('credential_not_configured');
    expect(world.minter.mints).toBe(1);
  });

  test('is read at once by an environment whose clock was set back', async () => {
    const environment = world.environment();
    world.secrets.failure = unconfigured;
    await world.clock.run(codeOf(environment.vend(REQUEST)));
    world.secrets.failure = undefined;
    world.clock.set(START - 60_000);
    expect((await world.clock.run(environment.vend(REQUEST))).at).toBe(START - 60_000 + 350);
  });
});
