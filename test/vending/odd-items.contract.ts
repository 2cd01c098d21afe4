import { describe, expect, test } from '@jest/globals';
import type { RecordStore } from '../../lambda/record/types';
import { sha256 } from '../../lambda/sha256';
import { GOOD, type Item, ODD_ITEMS } from './odd-items';
import { bare } from './records';
import { TestClock, World } from './world';

/** A store whose record can be laid as any item. */
export interface OddBench {
  readonly store: RecordStore;
  lay(credential: string, item: Item): Promise<void>;
}

/** Whatever stands in a record, each call ends with a token after one mint at most, and the odd part is gone after that mint. */
export function oddItemsContract(open: () => Promise<OddBench>): void {
  const without = (...names: string[]): Item =>
    Object.fromEntries(Object.entries(GOOD).filter(([name]) => !names.includes(name)));
  const bases: [string, Item][] = [
    ['beside a token', GOOD],
    ['without a token', without('token', 'ttl', 'vended')],
  ];

  describe.each(Object.entries(ODD_ITEMS))('%s', (name, odd) => {
    test.each(bases)('%s', async (where, base) => {
      const world = new World(new TestClock(true));
      const { store, lay } = await open();
      const credential = `${name} ${where}`;
      const environment = world.environment(store);
      const request = { credential };
      await lay(credential, { ...base, ...odd });

      const first = await world.clock.run(environment.vend({ ...request, minTtl: 60 }));
      expect(['stored', 'token-1']).toContain(first.token.value);
      expect(world.minter.mints).toBeLessThanOrEqual(1);

      const rejected = await world.clock.run(
        world.environment(store).reject({ ...request, tokenSha256: sha256(first.token.value) }),
      );
      expect(rejected.token.value).toBe(`token-${world.minter.mints}`);
      expect(world.minter.mints).toBeLessThanOrEqual(2);

      // No write was refused.
      expect(world.factsOf('lease_not_taken')).toEqual([]);
      const { token, ...rest } = bare(await store.read(credential)) ?? {};
      expect(token?.value).toBe(rejected.token.value);
      expect(rest).toEqual({ tokenId: token?.id, forcedAt: expect.any(Number) });
    });
  });
}
