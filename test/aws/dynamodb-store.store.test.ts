import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryStore } from '../../lambda/vending/memory-store';
import type { Mark, RecordStore } from '../../lambda/vending/types';
import { type LocalTable, openLocalTable } from '../support/local-table';
import { recordStoreContract } from '../vending/record-store.contract';
import { claim, failure, NOW, token } from '../vending/records';

let table: LocalTable;
let key: string;
let tests = 0;
beforeAll(async () => {
  table = await openLocalTable();
});
afterAll(() => table.close());
beforeEach(() => {
  key = `item-${++tests}`;
});

describe('the store in DynamoDB', () => {
  recordStoreContract(async () => table);
});

describe('any sequence of writes', () => {
  const IDS = ['a', 'b', 'c', 'd'] as const;
  const id = fc.constantFrom(...IDS);
  /** One mint, in all that it may ever send; the same mint may send the same thing again at any time. */
  const mint = fc.record({
    tokenId: fc.option(id, { nil: undefined }),
    // Before, at and after the end of a lease that was taken at NOW.
    now: fc.constantFrom(NOW, NOW + 18_000, NOW + 18_001, NOW + 40_000),
    kind: fc.constantFrom('plain', 'drop', 'reject'),
    retryAt: fc.constantFrom(undefined, undefined, failure().retryAt),
    // Fiskil may hand out one and the same string again.
    value: fc.constantFrom('one', 'other'),
    vended: fc.boolean(),
    failure: fc.option(fc.record({ count: fc.integer({ min: 1, max: 3 }) }), { nil: undefined }),
  });
  const step = fc.record({
    what: fc.constantFrom('acquire', 'acquire', 'publish', 'publish', 'release', 'mark', 'remove'),
    id,
    mark: fc.constantFrom<Mark>('vended', 'rejected', { secretVersion: 'version-2' }),
  });

  test('has the same answers from the store in memory', async () => {
    const sequence = fc.tuple(fc.tuple(mint, mint, mint, mint), fc.array(step, { minLength: 3, maxLength: 14 }));
    await fc.assert(
      fc.asyncProperty(sequence, async ([mints, steps]) => {
        const credential = `item-${++tests}`;
        const memory = new MemoryStore();
        for (const { what, id: name, mark } of steps) {
          const {
            tokenId,
            retryAt,
            now,
            kind,
            failure: failed,
            ...fields
          } = mints[IDS.indexOf(name)] as (typeof mints)[0];
          const claimed = claim(name, {
            now,
            lease: { id: name, until: now + 18_000 },
            // A mint never decides on its own token.
            tokenId: tokenId === name ? undefined : tokenId,
            retryAt,
            dropToken: kind === 'drop',
            ...(kind === 'reject' && { rejectedAt: now / 1_000 }),
          });
          const write = (store: RecordStore): Promise<unknown> | undefined => {
            if (what === 'acquire') return store.acquire(credential, claimed);
            if (what === 'publish') return store.publish(credential, name, token(name, fields));
            if (what === 'release') return store.release(credential, name, failed && failure(failed));
            return what === 'mark' ? store.mark(credential, name, mark) : undefined;
          };
          if (what === 'remove') memory.put(credential, undefined);
          if (what === 'remove') await table.remove(credential);
          expect(await write(table.store)).toEqual(await write(memory));
          expect(await table.store.read(credential)).toEqual(memory.peek(credential));
        }
      }),
      // About 10 ms for each step and its read on two busy cores.
      { numRuns: 40 },
    );
  });
});

describe('the item', () => {
  const names = async () => Object.keys((await table.item(key)) ?? {}).sort();

  test('of a lease alone holds no ttl: nothing may take the lease away', async () => {
    await table.store.acquire(key, claim('a'));
    expect(await table.item(key)).toEqual({
      credential: { S: key },
      lease_id: { S: 'a' },
      lease_until: { N: String(NOW + 18_000) },
    });
  });

  test('of a token has the attributes and types that the design names, and ttl is its expiry', async () => {
    await table.store.acquire(key, claim('a'));
    await table.store.publish(key, 'a', token('a'));
    expect(await table.item(key)).toEqual({
      credential: { S: key },
      token: { S: 'value-of-a' },
      client_id: { S: 'client-1' },
      issued_at: { N: '1800000000' },
      expires_at: { N: '1800000900' },
      ttl: { N: '1800000900' },
      secret_version: { S: 'version-1' },
      token_id: { S: 'a' },
      vended: { BOOL: true },
    });
  });

  test('of a rejected token under a new lease', async () => {
    await table.store.acquire(key, claim('a'));
    await table.store.publish(key, 'a', token('a'));
    await table.store.acquire(key, claim('b', { tokenId: 'a', rejectedAt: 1_800_000_100 }));
    expect(await table.item(key)).toMatchObject({
      rejected: { BOOL: true },
      forced_at: { N: '1800000100' },
      lease_id: { S: 'b' },
      ttl: { N: '1800000900' },
    });
    await table.store.publish(key, 'b', token('b'));
    expect(await names()).not.toContain('rejected');
  });

  test('of a spent token that was taken away holds neither token nor ttl, nor what was said of the token', async () => {
    await table.store.acquire(key, claim('a'));
    await table.store.publish(key, 'a', token('a'));
    await table.store.mark(key, 'a', 'rejected');
    await table.store.acquire(key, claim('b', { tokenId: 'a', dropToken: true }));
    const found = await names();
    expect(found).toEqual(expect.arrayContaining(['token_id', 'lease_id']));
    for (const name of ['token', 'ttl', 'vended', 'rejected']) expect(found).not.toContain(name);
  });

  test('of a failure is a map', async () => {
    await table.store.acquire(key, claim('a'));
    await table.store.release(key, 'a', failure());
    expect(await table.item(key)).toEqual({
      credential: { S: key },
      failure: {
        M: {
          code: { S: 'upstream_unavailable' },
          retry_at: { N: String(NOW + 2_000) },
          count: { N: '1' },
          secret_version: { S: 'version-1' },
        },
      },
    });
  });
});

describe('an answer that is lost on its way back', () => {
  test('of an acquire: the SDK asks again, and the lease is mine', async () => {
    table.line.loseNext(1);
    expect(await table.store.acquire(key, claim('a'))).toEqual({ done: true, record: { lease: claim('a').lease } });
  });

  test('of a publish: the SDK asks again, and it is done', async () => {
    await table.store.acquire(key, claim('a'));
    table.line.loseNext(1);
    const written = await table.store.publish(key, 'a', token('a'));
    expect(written).toEqual({ done: true, record: { tokenId: 'a', token: token('a') } });
  });

  test('of a publish onto a record that TTL deletion took: the SDK asks again, and it is done', async () => {
    await table.store.acquire(key, claim('a'));
    await table.remove(key);
    // A refusal is not lost: what is lost is the answer to the second write, which begins the record anew.
    table.line.loseNext(1);
    const written = await table.store.publish(key, 'a', token('a'));
    expect(written).toEqual({ done: true, record: { tokenId: 'a', token: token('a') } });
  });

  test('of a mark: the SDK asks again, and it is done', async () => {
    await table.store.acquire(key, claim('a'));
    await table.store.publish(key, 'a', token('a', { vended: false }));
    table.line.loseNext(1);
    expect(await table.store.mark(key, 'a', 'vended')).toMatchObject({ done: true });
  });

  test('of a release: the SDK asks again, and the failure is there once', async () => {
    await table.store.acquire(key, claim('a'));
    table.line.loseNext(1);
    const { record } = await table.store.release(key, 'a', failure());
    expect(record).toEqual({ failure: failure() });
  });

  test('twice is a table that cannot be reached', async () => {
    table.line.loseNext(2);
    await expect(table.store.acquire(key, claim('a'))).rejects.toMatchObject({
      name: 'StoreUnreachable',
      reason: 'ECONNRESET',
    });
  });
});

test('a publish onto a record that TTL deletion took is refused if another begins again between its two writes', async () => {
  await table.store.acquire(key, claim('a'));
  await table.remove(key);
  table.line.atNextRefusal(() => table.store.acquire(key, claim('b')));
  const written = await table.store.publish(key, 'a', token('a'));
  expect(written).toEqual({ done: false, record: { lease: claim('b').lease } });
  expect(await table.store.read(key)).toEqual({ lease: claim('b').lease });
});
