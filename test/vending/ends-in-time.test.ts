import { expect, test } from '@jest/globals';
import type { RecordStore } from '../../lambda/record/types';
import { sha256 } from '../../lambda/sha256';
import { VendingError } from '../../lambda/vending/errors';
import { hooked } from './faulty-table';
import { START, World } from './world';

/** Every call ends within Lambda's 25 s, also where each thing takes as long as it may: found by the simulator. */

const REQUEST = { credential: 'default' };
const LAMBDA = 25_000;
/** lambda/aws/timeouts.ts: the longest that one call of each may take; the table a little less, so that looks fall anywhere. */
const SLOW_TABLES = [2_000, 1_930, 1_840, 1_700];
const SLOWEST_SECRET = 3_000;
/** A dead holder's lease, which ends now or then, on a clock that is up to 4 s ahead. */
const LEASE_ENDS = Array.from({ length: 32 }, (_, index) => 14_000 + index * 250);
const CASES = SLOW_TABLES.flatMap((table) => LEASE_ENDS.map((end) => ({ table, end })));

function sluggishWorld(table: number): { world: World; store: RecordStore } {
  const world = new World();
  const slow = async (operate: () => Promise<unknown>) => {
    await world.clock.sleep(table / 2);
    const answer = await operate();
    await world.clock.sleep(table / 2);
    return answer;
  };
  const store = hooked(world.table, slow);
  const { secrets } = world;
  const current = secrets.current.bind(secrets);
  secrets.current = async () => {
    await world.clock.sleep(SLOWEST_SECRET);
    return current();
  };
  return { world, store };
}

const kinds = ['an unconfigured secret', 'a refused pair before', 'a token to mark'] as const;

test.each(kinds)('a vend behind a dead holder ends in time, with %s', async (kind) => {
  for (const { table, end } of CASES) {
    const { world, store } = sluggishWorld(table);
    const lease = { id: 'dead', until: START + end };
    const failure = { code: 'credentials_rejected' as const, count: 1, retryAt: START + 60_000, secretVersion: 'v0' };
    world.table.put('default', { lease, ...(kind === 'a refused pair before' && { failure }) });
    if (kind === 'an unconfigured secret') {
      world.secrets.failure = new VendingError('credential_not_configured', 'test');
    }
    const call = world.environment(store).vend(REQUEST);
    if (kind === 'a token to mark') {
      await world.clock.advance(end);
      world.store({ vended: false });
    }
    await world.clock.run(call.catch(() => undefined));
    expect(world.clock.now() - START).toBeLessThanOrEqual(LAMBDA);
  }
});

test('a rejection in a table that is asked too often ends in time', async () => {
  for (const { table, end } of CASES) {
    const { world, store } = sluggishWorld(table);
    world.table.put('default', { lease: { id: 'dead', until: START + end } });
    world.secrets.failure = new VendingError('credential_not_configured', 'test');
    const call = world.environment(store).reject({ ...REQUEST, tokenSha256: sha256('stored') });
    await world.clock.advance(end);
    world.store();
    await world.clock.run(call.catch(() => undefined));
    expect(world.clock.now() - START).toBeLessThanOrEqual(LAMBDA);
  }
});
