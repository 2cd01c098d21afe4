import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryStore } from '../../lambda/record/memory-store';
import type { Mark, VendingRecord } from '../../lambda/record/types';
import { type LocalTable, openLocalTable } from '../support/local-table';
import { recordStoreContract } from '../vending/record-store.contract';
import { bare, claim, failure, NOW, token } from '../vending/records';

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
  /** Everything that one mint may send. It may send the same thing again at any time. */
  const mint = fc.record({
    now: fc.constantFrom(NOW, NOW + 18_001),
    kind: fc.constantFrom('plain', 'drop', 'forced'),
    vended: fc.boolean(),
    failure: fc.option(fc.record({ count: fc.integer({ min: 1, max: 3 }) }), { nil: undefined }),
  });
  const step = fc.record({
    what: fc.constantFrom('look', 'acquire', 'acquire', 'publish', 'publish', 'create', 'release', 'mark', 'remove'),
    id,
    mark: fc.constantFrom<Mark>('vended', { secretVersion: 'version-2' }),
  });

  test('gets the same answers from the store in memory', async () => {
    const sequence = fc.tuple(fc.tuple(mint, mint, mint, mint), fc.array(step, { minLength: 3, maxLength: 14 }));
    await fc.assert(
      fc.asyncProperty(sequence, async ([mints, steps]) => {
        const credential = `item-${++tests}`;
        const stores = [
          { store: table.store, seen: new Map<string, VendingRecord | undefined>() },
          { store: new MemoryStore(), seen: new Map<string, VendingRecord | undefined>() },
        ] as const;
        for (const { what, id: name, mark } of steps) {
          const { now, kind, failure: failed, ...fields } = mints[IDS.indexOf(name)] as (typeof mints)[0];
          const answers = await Promise.all(
            stores.map(async ({ store, seen }) => {
              // Each mint decides on the record that it read last.
              const claimed = claim(name, {
                now,
                lease: { id: name, until: now + 18_000 },
                seen: seen.get(name),
                dropToken: kind === 'drop',
                ...(kind === 'forced' && { forcedAt: now / 1_000 }),
              });
              switch (what) {
                case 'look':
                  return seen.set(name, await store.read(credential)) && undefined;
                case 'acquire':
                  return store.acquire(credential, claimed);
                case 'publish':
                  return store.publish(credential, name, token(name, fields));
                case 'create':
                  return store.create(credential, token(name, fields));
                case 'release':
                  return store.release(credential, name, failed && failure(failed));
                case 'mark':
                  return store.mark(credential, name, mark);
              }
            }),
          );
          if (what === 'remove') {
            stores[1].store.put(credential, undefined);
            await table.remove(credential);
          }
          const [real, memory] = answers.map((written) => written && { ...written, record: bare(written.record) });
          expect(real).toEqual(memory);
          expect(bare(await table.store.read(credential))).toEqual(stores[1].store.peek(credential));
        }
      }),
      // About 10 ms for each step and its read on two busy cores.
      { numRuns: 60 },
    );
  });
});

describe('the item', () => {
  const names = async () => Object.keys((await table.item(key)) ?? {}).sort();

  test('of a lease alone has no ttl, so that TTL cannot delete the lease', async () => {
    await table.store.acquire(key, claim('a'));
    expect(await table.item(key)).toEqual({
      credential: { S: key },
      lease_id: { S: 'a' },
      lease_until: { N: String(NOW + 18_000) },
    });
  });

  test('of a token has the documented attributes and types, and ttl is its expiry', async () => {
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

  test('of a token whose replacement is forced keeps the token and its ttl, and has forced_at', async () => {
    await table.store.acquire(key, claim('a'));
    await table.store.publish(key, 'a', token('a'));
    const seen = await table.store.read(key);
    await table.store.acquire(key, claim('b', { seen, forcedAt: 1_800_000_100 }));
    expect(await table.item(key)).toMatchObject({
      token: { S: 'value-of-a' },
      forced_at: { N: '1800000100' },
      lease_id: { S: 'b' },
      ttl: { N: '1800000900' },
    });
    await table.store.publish(key, 'b', token('b'));
    expect(await names()).toContain('forced_at');
  });

  test('of a spent token that acquire removed has neither token nor ttl nor vended', async () => {
    await table.store.acquire(key, claim('a'));
    await table.store.publish(key, 'a', token('a'));
    await table.store.acquire(key, claim('b', { seen: await table.store.read(key), dropToken: true }));
    const found = await names();
    expect(found).toEqual(expect.arrayContaining(['token_id', 'lease_id']));
    for (const name of ['token', 'ttl', 'vended']) expect(found).not.toContain(name);
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

describe('when the answer is lost', () => {
  test('to an acquire, the SDK repeats it, and the lease is ours', async () => {
    table.line.loseNext(1);
    const written = await table.store.acquire(key, claim('a'));
    expect(written).toMatchObject({ done: true, record: { lease: claim('a').lease } });
  });

  test.each(['publish', 'create'] as const)('to a %s, the SDK repeats it and gets our token', async (write) => {
    if (write === 'publish') await table.store.acquire(key, claim('a'));
    table.line.loseNext(1);
    const { store } = table;
    const { record } = await (write === 'publish'
      ? store.publish(key, 'a', token('a'))
      : store.create(key, token('a')));
    expect(record?.tokenId).toBe('a');
  });

  test('to a mark, the SDK repeats it, and the mark is done', async () => {
    await table.store.acquire(key, claim('a'));
    await table.store.publish(key, 'a', token('a', { vended: false }));
    table.line.loseNext(1);
    expect(await table.store.mark(key, 'a', 'vended')).toMatchObject({ done: true });
  });

  test('to a release, the SDK repeats it, and the failure is stored once', async () => {
    await table.store.acquire(key, claim('a'));
    table.line.loseNext(1);
    const { record } = await table.store.release(key, 'a', failure());
    expect(bare(record)).toEqual({ failure: failure() });
  });

  test('twice, the table counts as unreachable', async () => {
    table.line.loseNext(2);
    await expect(table.store.acquire(key, claim('a'))).rejects.toMatchObject({
      name: 'StoreUnreachable',
      reason: 'ECONNRESET',
    });
  });
});
