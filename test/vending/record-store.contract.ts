import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordStore, Written } from '../../lambda/record/types';
import { bare, claim, failure, NOW, token } from './records';

/** A store and what only a test may do to it. */
export interface Bench {
  readonly store: RecordStore;
  /** What TTL deletion does, at any moment. */
  remove(credential: string): Promise<void>;
}

/** The store, without what it keeps for itself in the records that it gives. */
function withoutStored(store: RecordStore): RecordStore {
  const write = async (written: Promise<Written>) => ({ ...(await written), record: bare((await written).record) });
  return {
    read: async (credential) => bare(await store.read(credential)),
    acquire: (...args) => write(store.acquire(...args)),
    publish: (...args) => write(store.publish(...args)),
    create: (...args) => write(store.create(...args)),
    release: (...args) => write(store.release(...args)),
    mark: (...args) => write(store.mark(...args)),
  };
}

/** What every record store keeps. Each test has a credential of its own. */
export function recordStoreContract(open: () => Promise<Bench>): void {
  let store: RecordStore;
  let remove: () => Promise<void>;
  let key: string;
  let bench: Bench;
  let tests = 0;
  beforeAll(async () => {
    bench = await open();
    store = withoutStored(bench.store);
  });
  beforeEach(() => {
    key = `credential-${++tests}`;
    remove = () => bench.remove(key);
  });

  /** Brings the record to a token that `lease` minted, with nothing beside it. */
  async function publishFirst(id: string, fields: Parameters<typeof token>[1] = {}) {
    await store.acquire(key, claim(id));
    return store.publish(key, id, token(id, fields));
  }

  /** The record as it stands, with what the store itself keeps of it: what a claim is decided on. */
  const seen = () => bench.store.read(key);

  const refused = (record: Written['record']) => ({ done: false, record });
  const done = (record: Written['record']) => ({ done: true, record });

  describe('a read', () => {
    test('of what was never written finds nothing', async () => {
      expect(await store.read(key)).toBeUndefined();
    });

    test('sees what was written a moment ago, of this credential alone', async () => {
      await publishFirst('a');
      expect(await store.read(key)).toEqual({ tokenId: 'a', token: token('a') });
      expect(await store.read(`${key}-other`)).toBeUndefined();
    });
  });

  describe('an acquire', () => {
    test('of a credential without a record begins one', async () => {
      expect(await store.acquire(key, claim('a'))).toEqual(done({ lease: claim('a').lease }));
      expect(await store.read(key)).toEqual({ lease: claim('a').lease });
    });

    test('that was decided on a record of another store is refused', async () => {
      await publishFirst('a');
      const stored = { tokenId: 'a', token: token('a'), failure: failure() };
      expect(await store.acquire(key, claim('b', { seen: { ...stored, stored } }))).toEqual(
        refused({ tokenId: 'a', token: token('a') }),
      );
    });

    test('leaves the token where it is, to be served meanwhile', async () => {
      await publishFirst('a');
      const expected = { tokenId: 'a', token: token('a'), lease: claim('b').lease };
      expect(await store.acquire(key, claim('b', { seen: await seen() }))).toEqual(done(expected));
    });

    test('decided on before another took the lease is refused, and shows it', async () => {
      await store.acquire(key, claim('a'));
      expect(await store.acquire(key, claim('b'))).toEqual(refused({ lease: claim('a').lease }));
    });

    test('decided on an ended lease takes over that lease, and no later one', async () => {
      await store.acquire(key, claim('a'));
      const ended = await seen();
      const late = claim('b', { now: NOW + 18_001, seen: ended });
      expect(await store.acquire(key, late)).toEqual(done({ lease: late.lease }));
      expect(await store.acquire(key, claim('c', { now: NOW + 18_002, seen: ended }))).toEqual(
        refused({ lease: late.lease }),
      );
    });

    test('decided on a lease of the same holder with another end is refused', async () => {
      await store.acquire(key, claim('a'));
      const before = await seen();
      const longer = { id: 'a', until: NOW + 19_000 };
      await store.acquire(key, claim('a', { lease: longer }));
      expect(await store.acquire(key, claim('b', { seen: before }))).toEqual(refused({ lease: longer }));
    });

    test('that is sent twice because its answer was lost is still mine', async () => {
      await store.acquire(key, claim('a'));
      expect(await store.acquire(key, claim('a'))).toEqual(done({ lease: claim('a').lease }));
    });

    test('decided on before somebody else published is refused, and shows the newer token', async () => {
      await publishFirst('a');
      const before = await seen();
      await store.acquire(key, claim('b', { seen: before }));
      await store.publish(key, 'b', token('b'));
      const record = { tokenId: 'b', token: token('b') };
      expect(await store.acquire(key, claim('c', { seen: before }))).toEqual(refused(record));
      expect(await store.acquire(key, claim('c'))).toEqual(refused(record));
      expect(await store.read(key)).toEqual(record);
    });

    test('decided on before a mint failed is refused, and shows the failure', async () => {
      await store.acquire(key, claim('a'));
      await store.release(key, 'a', failure());
      expect(await store.acquire(key, claim('b'))).toEqual(refused({ failure: failure() }));
      const first = await seen();
      await store.acquire(key, claim('b', { seen: first }));
      await store.release(key, 'b', failure({ retryAt: failure().retryAt + 1 }));
      const second = { failure: failure({ retryAt: failure().retryAt + 1 }) };
      expect(await store.acquire(key, claim('c', { seen: first }))).toEqual(refused(second));
      expect((await store.acquire(key, claim('c', { seen: await seen() }))).done).toBe(true);
    });

    test('decided on before another forced a mint is refused, whether it is forced itself or not', async () => {
      await publishFirst('a');
      const before = await seen();
      await store.acquire(key, claim('b', { seen: before, forcedAt: 1_800_000_000 }));
      await store.release(key, 'b');
      const record = { tokenId: 'a', token: token('a'), forcedAt: 1_800_000_000 };
      expect(await store.acquire(key, claim('c', { seen: before }))).toEqual(refused(record));
      const forced = claim('c', { seen: before, forcedAt: 1_799_999_990 });
      expect(await store.acquire(key, forced)).toEqual(refused(record));
      expect(await store.read(key)).toEqual(record);
      expect((await store.acquire(key, claim('c', { seen: await seen() }))).done).toBe(true);
    });

    test('decided on before a vend was noted is done: nothing rests on that', async () => {
      await publishFirst('a', { vended: false });
      const before = await seen();
      await store.mark(key, 'a', 'vended');
      const { done: isDone, record } = await store.acquire(key, claim('b', { seen: before }));
      expect([isDone, record?.token?.vended]).toEqual([true, true]);
    });

    test('that forces a mint and is sent twice because its answer was lost is still mine', async () => {
      await publishFirst('a');
      const forced = claim('b', { seen: await seen(), forcedAt: 1_800_000_000 });
      const first = await store.acquire(key, forced);
      expect(await store.acquire(key, forced)).toEqual(first);
    });

    test('decided on a record that has gone since is refused', async () => {
      await publishFirst('a');
      const before = await seen();
      await remove();
      expect(await store.acquire(key, claim('b', { seen: before }))).toEqual(refused(undefined));
      expect(await store.read(key)).toBeUndefined();
    });

    test('can take the spent token away, and keeps its id and the rest', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { seen: await seen() }));
      await store.release(key, 'b', failure());
      const written = await store.acquire(key, claim('c', { seen: await seen(), dropToken: true }));
      expect(written).toEqual(done({ tokenId: 'a', failure: failure(), lease: claim('c').lease }));
    });

    test('for a rejection notes the instant, and leaves the token as it is', async () => {
      await publishFirst('a');
      const written = await store.acquire(key, claim('b', { seen: await seen(), forcedAt: 1_800_000_000 }));
      const expected = { tokenId: 'a', token: token('a'), lease: claim('b').lease, forcedAt: 1_800_000_000 };
      expect(written).toEqual(done(expected));
    });

    test('in the same instant as another: one has it, and the other sees who', async () => {
      const written = await Promise.all([store.acquire(key, claim('a')), store.acquire(key, claim('b'))]);
      const winner = written.find((one) => one.done)?.record?.lease;
      expect(written.map((one) => one.done).sort()).toEqual([false, true]);
      expect(written.map((one) => one.record?.lease)).toEqual([winner, winner]);
    });

    test('by a thousand at once has one winner, and every loser gets the item', async () => {
      await publishFirst('old');
      const ids = Array.from({ length: 1_000 }, (_, index) => `id-${index}`);
      const before = await seen();
      const written = await Promise.all(ids.map((id) => store.acquire(key, claim(id, { seen: before }))));
      const winners = ids.filter((_, index) => written[index]?.done);
      expect(winners).toHaveLength(1);
      const record = { tokenId: 'old', token: token('old'), lease: claim(winners[0] ?? '').lease };
      expect(written.filter((one) => !one.done)).toEqual(Array.from({ length: 999 }, () => refused(record)));
      expect(await store.read(key)).toEqual(record);
    });
  });

  describe('a publish', () => {
    test('stores the token, ends the lease and forgets the failure', async () => {
      await store.acquire(key, claim('a'));
      await store.release(key, 'a', failure());
      await store.acquire(key, claim('b', { seen: await seen() }));
      expect(await store.publish(key, 'b', token('b'))).toEqual(done({ tokenId: 'b', token: token('b') }));
      expect(await store.read(key)).toEqual({ tokenId: 'b', token: token('b') });
    });

    test('of a token that nobody has yet stores it as not vended', async () => {
      const unused = token('a', { vended: false });
      await store.acquire(key, claim('a'));
      expect(await store.publish(key, 'a', unused)).toEqual(done({ tokenId: 'a', token: unused }));
    });

    test('in the place of a rejected token is not rejected, and keeps the instant of the rejection', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { seen: await seen(), forcedAt: 1_800_000_000 }));
      const expected = { tokenId: 'b', token: token('b'), forcedAt: 1_800_000_000 };
      expect(await store.publish(key, 'b', token('b'))).toEqual(done(expected));
    });

    test('after the lease was taken over is refused, and shows the new holder', async () => {
      await store.acquire(key, claim('a'));
      const late = claim('b', { now: NOW + 18_001, seen: await seen() });
      await store.acquire(key, late);
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused({ lease: late.lease }));
    });

    test('after the new holder has published is refused, and the newer token stays', async () => {
      await store.acquire(key, claim('a'));
      await store.acquire(key, claim('b', { now: NOW + 18_001, seen: await seen() }));
      await store.publish(key, 'b', token('b'));
      const record = { tokenId: 'b', token: token('b') };
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused(record));
      expect(await store.read(key)).toEqual(record);
    });

    test('after the lease was given back is refused', async () => {
      await store.acquire(key, claim('a'));
      await store.release(key, 'a', failure());
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused({ failure: failure() }));
    });

    test('that is sent twice because its answer was lost is refused, and shows that it was done', async () => {
      const { record } = await publishFirst('a');
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused(record));
    });

    test('that is sent twice undoes nothing that was written between', async () => {
      await publishFirst('a', { vended: false });
      await store.mark(key, 'a', 'vended');
      const { record } = await store.acquire(key, claim('b', { seen: await seen(), forcedAt: 1_800_000_000 }));
      expect(await store.publish(key, 'a', token('a', { vended: false }))).toEqual(refused(record));
      expect(await store.read(key)).toEqual(record);
    });

    test('that is sent twice does not come back after a newer one', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { seen: await seen() }));
      const { record } = await store.publish(key, 'b', token('b'));
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused(record));
    });
  });

  describe('a release', () => {
    test('ends the lease, keeps the token and remembers why', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { seen: await seen() }));
      const expected = { tokenId: 'a', token: token('a'), failure: failure({ count: 3 }) };
      expect(await store.release(key, 'b', failure({ count: 3 }))).toEqual(done(expected));
      expect(await store.read(key)).toEqual(expected);
    });

    test('because the secret could not be read remembers no version of it', async () => {
      await store.acquire(key, claim('a'));
      const { secretVersion: _unknown, ...unread } = failure({ code: 'secret_unavailable' });
      expect(await store.release(key, 'a', unread)).toEqual(done({ failure: unread }));
    });

    test('of a pair of the wrong team remembers that it was one', async () => {
      await store.acquire(key, claim('a'));
      const wrongTeam = failure({ code: 'credentials_rejected', reason: 'wrong_team' });
      expect(await store.release(key, 'a', wrongTeam)).toEqual(done({ failure: wrongTeam }));
      expect(await store.read(key)).toEqual({ failure: wrongTeam });
    });

    test('without a failure keeps the one before', async () => {
      await store.acquire(key, claim('a'));
      await store.release(key, 'a', failure());
      await store.acquire(key, claim('b', { seen: await seen() }));
      expect(await store.release(key, 'b')).toEqual(done({ failure: failure() }));
    });

    test('replaces the failure before it as a whole', async () => {
      await store.acquire(key, claim('a'));
      await store.release(key, 'a', failure());
      await store.acquire(key, claim('b', { seen: await seen() }));
      const { secretVersion: _unknown, ...unread } = failure({ code: 'secret_unavailable', count: 2 });
      expect(await store.release(key, 'b', unread)).toEqual(done({ failure: unread }));
    });

    test('by one whose lease was taken over is refused: the new holder keeps it', async () => {
      await store.acquire(key, claim('a'));
      const late = claim('b', { now: NOW + 18_001, seen: await seen() });
      await store.acquire(key, late);
      expect(await store.release(key, 'a', failure())).toEqual(refused({ lease: late.lease }));
    });

    test('that is sent twice does no harm', async () => {
      await store.acquire(key, claim('a'));
      await store.release(key, 'a', failure());
      expect(await store.release(key, 'a', failure({ count: 9 }))).toEqual(refused({ failure: failure() }));
    });

    test('after a publish of the same lease is refused, and the token is not blamed', async () => {
      const { record } = await publishFirst('a');
      expect(await store.release(key, 'a', failure())).toEqual(refused(record));
    });
  });

  describe('a mark', () => {
    test.each([
      ['vended', { vended: true }],
      [{ secretVersion: 'version-2' }, { secretVersion: 'version-2' }],
    ] as const)('%j is written on the stored token, and on nothing else', async (mark, changed) => {
      await publishFirst('a', { vended: false });
      await store.acquire(key, claim('b', { seen: await seen() }));
      const record = await store.read(key);
      const expected = { ...record, token: token('a', { vended: false, ...changed }) };
      expect(await store.mark(key, 'a', mark)).toEqual(done(expected));
      expect(await store.read(key)).toEqual(expected);
    });

    test('on a token that was replaced is refused, and shows the new one', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { seen: await seen() }));
      const { record } = await store.publish(key, 'b', token('b'));
      expect(await store.mark(key, 'a', 'vended')).toEqual(refused(record));
    });

    test('on a token that was taken away is refused, though its id is still there', async () => {
      await publishFirst('a');
      const { record } = await store.acquire(key, claim('b', { seen: await seen(), dropToken: true }));
      expect(await store.mark(key, 'a', 'vended')).toEqual(refused(record));
    });
  });

  describe('a record that TTL deletion takes away', () => {
    const steps: [string, () => Promise<unknown>][] = [
      ['an acquire', () => store.acquire(key, claim('a'))],
      ['a publish', () => store.publish(key, 'a', token('a', { vended: false }))],
      ['a mark', () => store.mark(key, 'a', 'vended')],
      ['a second acquire', async () => store.acquire(key, claim('b', { seen: await seen() }))],
      ['a release', () => store.release(key, 'b', failure())],
    ];
    test.each(steps.map(([name], index) => [name, index + 1] as const))(
      'after %s equals a cold start',
      async (_name, taken) => {
        for (const [, step] of steps.slice(0, taken)) await step();
        await remove();
        expect(await store.read(key)).toBeUndefined();
        expect(await store.mark(key, 'a', 'vended')).toEqual(refused(undefined));
        expect(await store.release(key, 'b', failure())).toEqual(refused(undefined));
        expect(await store.read(key)).toBeUndefined();
        expect(await store.acquire(key, claim('c'))).toEqual(done({ lease: claim('c').lease }));
        expect(await store.publish(key, 'c', token('c'))).toEqual(done({ tokenId: 'c', token: token('c') }));
      },
    );

    test('under a mint refuses the publish, and shows that nothing is there', async () => {
      await store.acquire(key, claim('a'));
      await remove();
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused(undefined));
      expect(await store.read(key)).toBeUndefined();
    });
  });

  describe('a create', () => {
    test('where there is no record begins one', async () => {
      expect(await store.create(key, token('a'))).toEqual(done({ tokenId: 'a', token: token('a') }));
      expect(await store.read(key)).toEqual({ tokenId: 'a', token: token('a') });
    });

    test('where another has begun again is refused, whether it mints or has failed or has published', async () => {
      await store.acquire(key, claim('b'));
      expect(await store.create(key, token('a'))).toEqual(refused({ lease: claim('b').lease }));
      await store.release(key, 'b', failure());
      expect(await store.create(key, token('a'))).toEqual(refused({ failure: failure() }));
      await store.acquire(key, claim('c', { seen: await seen() }));
      await store.publish(key, 'c', token('c'));
      expect(await store.create(key, token('a'))).toEqual(refused({ tokenId: 'c', token: token('c') }));
    });
  });
}
