import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordStore, Written } from '../../lambda/vending/types';
import { claim, failure, NOW, token } from './records';

/** A store and what only a test may do to it. */
export interface Bench {
  readonly store: RecordStore;
  /** What TTL deletion does, at any moment. */
  remove(credential: string): Promise<void>;
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
    store = bench.store;
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

    test('leaves the token where it is, to be served meanwhile', async () => {
      await publishFirst('a');
      const expected = { tokenId: 'a', token: token('a'), lease: claim('b').lease };
      expect(await store.acquire(key, claim('b', { tokenId: 'a' }))).toEqual(done(expected));
    });

    test.each([
      ['live', NOW - 1],
      ['in its last millisecond', NOW + 18_000],
    ])('while another lease is %s is refused, and shows it', async (_when, now) => {
      await store.acquire(key, claim('a'));
      expect(await store.acquire(key, claim('b', { now }))).toEqual(refused({ lease: claim('a').lease }));
    });

    test('takes over a lease that has ended', async () => {
      await store.acquire(key, claim('a'));
      const late = claim('b', { now: NOW + 18_001 });
      expect(await store.acquire(key, late)).toEqual(done({ lease: late.lease }));
    });

    test('that is sent twice because its answer was lost is still mine', async () => {
      await store.acquire(key, claim('a'));
      expect(await store.acquire(key, claim('a'))).toEqual(done({ lease: claim('a').lease }));
    });

    test('decided on before somebody else published is refused, and shows the newer token', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { tokenId: 'a' }));
      await store.publish(key, 'b', token('b'));
      const record = { tokenId: 'b', token: token('b') };
      expect(await store.acquire(key, claim('c', { tokenId: 'a' }))).toEqual(refused(record));
      expect(await store.acquire(key, claim('c'))).toEqual(refused(record));
      expect(await store.read(key)).toEqual(record);
    });

    test('decided on before a mint failed is refused, and shows the failure', async () => {
      await store.acquire(key, claim('a'));
      await store.release(key, 'a', failure());
      expect(await store.acquire(key, claim('b'))).toEqual(refused({ failure: failure() }));
      const before = claim('b', { retryAt: failure().retryAt - 1 });
      expect(await store.acquire(key, before)).toEqual(refused({ failure: failure() }));
      expect((await store.acquire(key, claim('b', { retryAt: failure().retryAt }))).done).toBe(true);
    });

    test('that forces a mint and is sent twice because its answer was lost is still mine', async () => {
      await publishFirst('a');
      const forced = claim('b', { tokenId: 'a', rejectedAt: 1_800_000_000 });
      const first = await store.acquire(key, forced);
      expect(await store.acquire(key, forced)).toEqual(first);
    });

    test('decided on a record that has gone since is refused', async () => {
      await publishFirst('a');
      await remove();
      expect(await store.acquire(key, claim('b', { tokenId: 'a' }))).toEqual(refused(undefined));
      expect(await store.read(key)).toBeUndefined();
    });

    test('can take the spent token away, and keeps its id and the rest', async () => {
      await publishFirst('a', { rejected: false });
      await store.mark(key, 'a', 'rejected');
      await store.acquire(key, claim('b', { tokenId: 'a' }));
      await store.release(key, 'b', failure());
      const written = await store.acquire(
        key,
        claim('c', { tokenId: 'a', retryAt: failure().retryAt, dropToken: true }),
      );
      expect(written).toEqual(done({ tokenId: 'a', failure: failure(), lease: claim('c').lease }));
    });

    test('for a rejection marks the token and notes the instant', async () => {
      await publishFirst('a');
      const written = await store.acquire(key, claim('b', { tokenId: 'a', rejectedAt: 1_800_000_000 }));
      expect(written).toEqual(
        done({
          tokenId: 'a',
          token: token('a', { rejected: true }),
          lease: claim('b').lease,
          forcedAt: 1_800_000_000,
        }),
      );
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
      const written = await Promise.all(ids.map((id) => store.acquire(key, claim(id, { tokenId: 'old' }))));
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
      await store.acquire(key, claim('b', { retryAt: failure().retryAt }));
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
      await store.acquire(key, claim('b', { tokenId: 'a', rejectedAt: 1_800_000_000 }));
      const expected = { tokenId: 'b', token: token('b'), forcedAt: 1_800_000_000 };
      expect(await store.publish(key, 'b', token('b'))).toEqual(done(expected));
    });

    test('that would bring back the rejected string is refused, and the lease stays', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { tokenId: 'a', rejectedAt: 1_800_000_000 }));
      const record = await store.read(key);
      expect(await store.publish(key, 'b', token('b', { value: token('a').value }))).toEqual(refused(record));
      expect(record?.lease?.id).toBe('b');
    });

    test('of the very string that is stored is fine while nobody has rejected it', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { tokenId: 'a' }));
      const same = token('b', { value: token('a').value });
      expect(await store.publish(key, 'b', same)).toEqual(done({ tokenId: 'b', token: same }));
    });

    test('after the lease was taken over is refused, and shows the new holder', async () => {
      await store.acquire(key, claim('a'));
      const late = claim('b', { now: NOW + 18_001 });
      await store.acquire(key, late);
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused({ lease: late.lease }));
    });

    test('after the new holder has published is refused, and the newer token stays', async () => {
      await store.acquire(key, claim('a'));
      await store.acquire(key, claim('b', { now: NOW + 18_001 }));
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

    test('that is sent twice because its answer was lost is done', async () => {
      const first = await publishFirst('a');
      expect(await store.publish(key, 'a', token('a'))).toEqual(first);
    });

    test('that is sent twice undoes nothing that was written between', async () => {
      await publishFirst('a', { vended: false });
      await store.mark(key, 'a', 'vended');
      const { record } = await store.acquire(key, claim('b', { tokenId: 'a', rejectedAt: 1_800_000_000 }));
      expect(await store.publish(key, 'a', token('a', { vended: false }))).toEqual(done(record));
      expect(await store.read(key)).toEqual(record);
    });

    test('that is sent twice does not come back after a newer one', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { tokenId: 'a' }));
      const { record } = await store.publish(key, 'b', token('b'));
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused(record));
    });
  });

  describe('a release', () => {
    test('ends the lease, keeps the token and remembers why', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { tokenId: 'a' }));
      const expected = { tokenId: 'a', token: token('a'), failure: failure({ count: 3 }) };
      expect(await store.release(key, 'b', failure({ count: 3 }))).toEqual(done(expected));
      expect(await store.read(key)).toEqual(expected);
    });

    test('because the secret could not be read remembers no version of it', async () => {
      await store.acquire(key, claim('a'));
      const { secretVersion: _unknown, ...unread } = failure({ code: 'secret_unavailable' });
      expect(await store.release(key, 'a', unread)).toEqual(done({ failure: unread }));
    });

    test('without a failure keeps the one before', async () => {
      await store.acquire(key, claim('a'));
      await store.release(key, 'a', failure());
      await store.acquire(key, claim('b', { retryAt: failure().retryAt }));
      expect(await store.release(key, 'b')).toEqual(done({ failure: failure() }));
    });

    test('replaces the failure before it as a whole', async () => {
      await store.acquire(key, claim('a'));
      await store.release(key, 'a', failure());
      await store.acquire(key, claim('b', { retryAt: failure().retryAt }));
      const { secretVersion: _unknown, ...unread } = failure({ code: 'secret_unavailable', count: 2 });
      expect(await store.release(key, 'b', unread)).toEqual(done({ failure: unread }));
    });

    test('by one whose lease was taken over is refused: the new holder keeps it', async () => {
      await store.acquire(key, claim('a'));
      const late = claim('b', { now: NOW + 18_001 });
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
      ['rejected', { rejected: true }],
      [{ secretVersion: 'version-2' }, { secretVersion: 'version-2' }],
    ] as const)('%j is written on the stored token, and on nothing else', async (mark, changed) => {
      await publishFirst('a', { vended: false });
      await store.acquire(key, claim('b', { tokenId: 'a' }));
      const record = await store.read(key);
      const expected = { ...record, token: token('a', { vended: false, ...changed }) };
      expect(await store.mark(key, 'a', mark)).toEqual(done(expected));
      expect(await store.read(key)).toEqual(expected);
    });

    test('on a token that was replaced is refused, and shows the new one', async () => {
      await publishFirst('a');
      await store.acquire(key, claim('b', { tokenId: 'a' }));
      const { record } = await store.publish(key, 'b', token('b'));
      expect(await store.mark(key, 'a', 'rejected')).toEqual(refused(record));
    });

    test('on a token that was taken away is refused, though its id is still there', async () => {
      await publishFirst('a');
      const { record } = await store.acquire(key, claim('b', { tokenId: 'a', dropToken: true }));
      expect(await store.mark(key, 'a', 'vended')).toEqual(refused(record));
    });
  });

  describe('a record that TTL deletion takes away', () => {
    const steps: [string, () => Promise<unknown>][] = [
      ['an acquire', () => store.acquire(key, claim('a'))],
      ['a publish', () => store.publish(key, 'a', token('a', { vended: false }))],
      ['a mark', () => store.mark(key, 'a', 'vended')],
      ['a second acquire', () => store.acquire(key, claim('b', { tokenId: 'a' }))],
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

    test('under a mint takes what was minted all the same', async () => {
      await store.acquire(key, claim('a'));
      await remove();
      expect(await store.publish(key, 'a', token('a'))).toEqual(done({ tokenId: 'a', token: token('a') }));
      expect(await store.publish(key, 'a', token('a'))).toEqual(done({ tokenId: 'a', token: token('a') }));
    });

    test('under a mint, and that another has begun again, refuses the first one', async () => {
      await store.acquire(key, claim('a'));
      await remove();
      await store.acquire(key, claim('b'));
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused({ lease: claim('b').lease }));
      await store.publish(key, 'b', token('b'));
      expect(await store.publish(key, 'a', token('a'))).toEqual(refused({ tokenId: 'b', token: token('b') }));
    });
  });
}
