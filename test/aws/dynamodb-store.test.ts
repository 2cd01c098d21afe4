/** @jest-environment ./test/support/one-realm.ts */
import { afterEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../support/processes';
import { startRawServer } from '../support/raw-server';
import { bare, claim, failure, token } from '../vending/records';
import { AMPLE, answering, ONCE, SHORT, SLACK_MS, started, stopAll, storeAt } from './doors';
import { HANGS } from './hanging-servers';

afterEach(stopAll);

test('a read is consistent', async () => {
  const { origin, bodies } = await answering(200, {});
  expect(await storeAt(origin).read('default')).toBeUndefined();
  expect(JSON.parse(bodies[0] ?? '')).toEqual({
    TableName: 'tokens',
    Key: { credential: { S: 'default' } },
    ConsistentRead: true,
  });
});

test.each([
  ['acquire', (store: ReturnType<typeof storeAt>) => store.acquire('default', claim('a'))],
  ['publish', (store: ReturnType<typeof storeAt>) => store.publish('default', 'a', token('a'))],
  ['release', (store: ReturnType<typeof storeAt>) => store.release('default', 'a', failure())],
  ['mark', (store: ReturnType<typeof storeAt>) => store.mark('default', 'a', 'vended')],
])('the write of %s is conditional, and its loser is shown the item', async (_name, write) => {
  const { origin, bodies } = await answering(200, { Attributes: { credential: { S: 'default' } } });
  await write(storeAt(origin));
  expect(bodies.map((body) => JSON.parse(body))).toMatchObject([
    {
      TableName: 'tokens',
      Key: { credential: { S: 'default' } },
      ConditionExpression: expect.stringMatching(/_id/),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  ]);
});

test.each([
  ['of other types', { token: { N: '5' }, token_id: { BOOL: true }, lease_until: { S: 'soon' }, failure: { S: 'x' } }],
  ['that are missing', { token: { S: 'x' }, lease_id: { S: 'x' }, failure: { M: { code: { S: 'x' } } } }],
])('attributes %s count as absent', async (_what, attributes) => {
  const { origin } = await answering(200, { Item: { credential: { S: 'default' }, ...attributes } });
  const record = await storeAt(origin).read('default');
  expect(bare(record)).toEqual({});
  // As it was read, for the condition of the next write.
  expect(record?.stored).toEqual({ credential: { S: 'default' }, ...attributes });
});

describe('an error of DynamoDB', () => {
  test('ConditionalCheckFailedException is an answer: there is the item', async () => {
    const { origin } = await answering(400, {
      __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: { credential: { S: 'default' }, token_id: { S: 'b' } },
    });
    expect(await storeAt(origin).mark('default', 'a', 'vended')).toMatchObject({
      done: false,
      record: { tokenId: 'b' },
    });
  });

  test.each([
    'ThrottlingException',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'TransactionConflictException',
  ])('%s is a table that is asked too often, and no outage', async (name) => {
    const { origin } = await answering(400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'slow' });
    const store = storeAt(origin, AMPLE, ONCE);
    await expect(store.acquire('default', claim('a'))).rejects.toMatchObject({ name: 'StoreThrottled' });
    await expect(store.read('default')).rejects.toMatchObject({ name: 'StoreThrottled' });
  });

  test.each([
    ['AccessDeniedException', 400],
    ['ResourceNotFoundException', 400],
    ['ValidationException', 400],
    ['UnrecognizedClientException', 400],
    ['InternalServerError', 500],
    ['ServiceUnavailable', 503],
  ])('%s is a table that cannot be used', async (reason, status) => {
    const { origin } = await answering(status, { __type: reason, message: 'User arn:… said "value-of-a"' });
    const refusal = { name: 'StoreUnreachable', reason, message: `the table cannot be used (${reason})` };
    await expect(storeAt(origin).publish('default', 'a', token('a'))).rejects.toMatchObject(refusal);
    await expect(storeAt(origin).read('default')).rejects.toMatchObject(refusal);
  });
});

describe('a table that cannot be reached', () => {
  test('because nobody listens cannot be used', async () => {
    const store = storeAt(`http://127.0.0.1:${await freePort()}`);
    await expect(store.read('default')).rejects.toMatchObject({ name: 'StoreUnreachable', reason: 'ECONNREFUSED' });
  });

  test.each(HANGS)('because it %s is given up when the call’s time is over', async (_what, hang) => {
    const server = started(await startRawServer(hang));
    const startedAt = Date.now();
    await expect(storeAt(server.origin, SHORT).read('default')).rejects.toMatchObject({ name: 'StoreUnreachable' });
    expect(Date.now() - startedAt).toBeLessThan(SHORT.call + SLACK_MS);
  });

  test('because it says nothing is asked twice, not to lose a call to one lost packet', async () => {
    const server = started(await startRawServer());
    const store = storeAt(server.origin, { attempt: SHORT.attempt, call: 10 * SHORT.call });
    await expect(store.read('default')).rejects.toMatchObject({ name: 'StoreUnreachable', reason: 'TimeoutError' });
    expect(server.received).toHaveLength(2);
  });
});
