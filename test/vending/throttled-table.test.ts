import { beforeEach, describe, expect, test } from '@jest/globals';
import { StoreThrottled } from '../../lambda/record/store-errors';
import { FaultyTable } from './faulty-table';
import { codeOf, START, World } from './world';

const REQUEST = { credential: 'default' };

let world: World;
let table: FaultyTable;
beforeEach(() => {
  world = new World();
  table = new FaultyTable(world.table);
});

describe('with the table asked too often', () => {
  beforeEach(() => {
    table.failure = () => new StoreThrottled();
  });

  test('a read falls back on what is remembered, however old', async () => {
    world.store();
    const environment = world.environment(table.store);
    await world.clock.run(environment.vend(REQUEST));
    table.failing.add('read');
    await world.clock.advance(60_000);
    expect(await world.clock.run(environment.vend(REQUEST))).toMatchObject({
      source: 'memory',
      token: { value: 'stored' },
    });
  });

  test('a token that is due to be replaced is served at once, and nothing is minted', async () => {
    world.store({ secondsLeft: 700 });
    const environment = world.environment(table.store);
    await world.clock.run(environment.vend(REQUEST));
    table.failAll();
    await world.clock.advance(550_000);
    const vended = await world.clock.run(environment.vend(REQUEST));
    expect(vended).toMatchObject({ at: START + 550_000, source: 'memory', token: { value: 'stored' } });
    expect(world.minter.mints).toBe(0);
  });

  test('more life than any token has is refused at once, too', async () => {
    world.store();
    const environment = world.environment(table.store);
    await world.clock.run(environment.vend(REQUEST));
    table.failAll();
    await world.clock.advance(60_000);
    const call = environment.vend({ ...REQUEST, minTtl: 700 });
    expect(await world.clock.run(codeOf(call))).toBe('min_ttl_unattainable');
    expect(world.clock.now()).toBe(START + 60_000);
  });

  test('a read that has nothing to fall back on is repeated until the time is up', async () => {
    table.failing.add('read');
    expect(await world.clock.run(codeOf(world.environment(table.store).vend(REQUEST)))).toBe('token_pending');
    expect(world.clock.now() - START).toBe(22_000);
    expect(world.factsOf('table_unreachable')).toEqual([]);
  });

  test('an acquire is a lost race: with a token it is served, without one it is tried again', async () => {
    table.failing.add('acquire');
    world.store({ secondsLeft: 100 });
    const served = await world.clock.run(world.environment(table.store).vend(REQUEST));
    expect(served).toMatchObject({ at: START, token: { value: 'stored' } });
    expect(world.minter.mints).toBe(0);
    world.table.put('default', undefined);
    const call = world.environment(table.store).vend(REQUEST);
    await world.clock.advance(500);
    table.failing.clear();
    expect((await world.clock.run(call)).source).toBe('mint');
  });

  test('a vend from memory does not write to a table that throttles its reads', async () => {
    world.store({ secondsLeft: 200 });
    const environment = world.environment(table.store);
    await world.clock.run(environment.vend(REQUEST));
    await world.clock.advance(30_000);
    table.failing.add('read');
    expect((await world.clock.run(environment.vend(REQUEST))).token.value).toBe('stored');
    expect(world.factsOf('lease_not_taken')).toEqual([]);
  });

  test('a token in hand is published as soon as the table lets it', async () => {
    table.failing.add('publish');
    const call = world.environment(table.store).vend(REQUEST);
    await world.clock.advance(1_500);
    table.failing.clear();
    expect((await world.clock.run(call)).source).toBe('mint');
    expect(world.table.peek('default')?.token?.value).toBe('token-1');
  });

  test('a token that cannot be published in time is at least given to the one who waits', async () => {
    table.failing.add('publish');
    const vended = await world.clock.run(world.environment(table.store).vend(REQUEST));
    expect(vended.token.value).toBe('token-1');
    expect(vended.at - START).toBeLessThanOrEqual(22_000);
    expect(world.factsOf('minted')).toHaveLength(1);
  });

  test('a refresh that failed and cannot say so is silent too', async () => {
    table.failing.add('release');
    world.store({ secondsLeft: 100 });
    world.minter.fail('upstream_unavailable');
    expect((await world.clock.run(world.environment(table.store).vend(REQUEST))).token.value).toBe('stored');
  });

  test('a token that cannot be marked is served all the same', async () => {
    table.failing.add('mark');
    world.store({ vended: false });
    expect((await world.clock.run(world.environment(table.store).vend(REQUEST))).token.value).toBe('stored');
  });
});
