import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { StoreThrottled, StoreUnreachable } from '../record/store-errors';
import type { Failure, LeaseClaim, Mark, RecordStore, Token, VendingRecord, Written } from '../record/types';
import { nameOf } from './error-name';
import { type Item, recordOf, tokenValues } from './item';
import { DYNAMODB_TIMEOUTS, inTime, type Timeouts } from './timeouts';

/** DynamoDB throttles us, because we or others in the account send too many requests. That is not an outage. */
const THROTTLES: readonly string[] = [
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  // Two writes to one item in the same instant, one of them in a transaction or a replay.
  'TransactionConflictException',
];

/** The record store over one DynamoDB table with the partition key `credential`. */
export class DynamoDbStore implements RecordStore {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly tableName: string,
    /** @default - what fits into a mint's budget */
    private readonly timeouts: Timeouts = DYNAMODB_TIMEOUTS,
  ) {}

  async read(credential: string): Promise<VendingRecord | undefined> {
    const command = new GetItemCommand({
      TableName: this.tableName,
      Key: { credential: { S: credential } },
      ConsistentRead: true,
    });
    const { Item: item } = await inTime(this.timeouts, (options) => this.client.send(command, options)).catch(
      translated,
    );
    return item && recordOf(item);
  }

  async acquire(credential: string, claim: LeaseClaim): Promise<Written> {
    const { lease, seen, forcedAt } = claim;
    const unchanged = unchangedSince(itemIn(seen, credential));
    const removed = [
      ...(claim.dropToken ? ['#token', '#ttl', 'vended'] : []),
      // Removes what was unreadable. Otherwise every later read would find it again.
      ...(seen?.failure ? [] : ['failure']),
      ...(seen?.forcedAt === undefined && forcedAt === undefined ? ['forced_at'] : []),
    ];
    const forced = forcedAt === undefined ? '' : ', forced_at = :forced_at';
    return this.update(credential, {
      // If the lease is mine already, the SDK has repeated this write after its answer was lost.
      ConditionExpression: `lease_id = :lease_id OR (${unchanged.condition})`,
      UpdateExpression: `SET lease_id = :lease_id, lease_until = :lease_until${forced} ${removed.length > 0 ? `REMOVE ${removed.join(', ')}` : ''}`,
      ...(claim.dropToken && { ExpressionAttributeNames: { '#token': 'token', '#ttl': 'ttl' } }),
      ExpressionAttributeValues: {
        ...unchanged.values,
        ':lease_id': { S: lease.id },
        ':lease_until': number(lease.until),
        ...(forcedAt !== undefined && { ':forced_at': number(forcedAt) }),
      },
    });
  }

  publish(credential: string, leaseId: string, token: Token): Promise<Written> {
    return this.putToken(credential, token, 'lease_id = :lease_id', { ':lease_id': { S: leaseId } });
  }

  create(credential: string, token: Token): Promise<Written> {
    return this.putToken(credential, token, 'attribute_not_exists(credential)', {});
  }

  private putToken(credential: string, token: Token, condition: string, values: Item): Promise<Written> {
    return this.update(credential, {
      ConditionExpression: condition,
      UpdateExpression:
        'SET #token = :token, client_id = :client_id, issued_at = :issued_at, expires_at = :expires_at, #ttl = :expires_at, ' +
        'secret_version = :secret_version, token_id = :token_id, vended = :vended REMOVE lease_id, lease_until, failure',
      ExpressionAttributeNames: { '#token': 'token', '#ttl': 'ttl' },
      ExpressionAttributeValues: { ...values, ...tokenValues(token) },
    });
  }

  async release(credential: string, leaseId: string, failure?: Failure): Promise<Written> {
    return this.update(credential, {
      ConditionExpression: 'lease_id = :lease_id',
      UpdateExpression: `${failure ? 'SET failure = :failure ' : ''}REMOVE lease_id, lease_until`,
      ExpressionAttributeValues: {
        ':lease_id': { S: leaseId },
        ...(failure && { ':failure': { M: failureItem(failure) } }),
      },
    });
  }

  async mark(credential: string, tokenId: string, mark: Mark): Promise<Written> {
    const [name, value]: [string, AttributeValue] =
      typeof mark === 'string' ? [mark, { BOOL: true }] : ['secret_version', { S: mark.secretVersion }];
    return this.update(credential, {
      ConditionExpression: 'token_id = :token_id AND attribute_exists(#token)',
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name, '#token': 'token' },
      ExpressionAttributeValues: { ':token_id': { S: tokenId }, ':value': value },
    });
  }

  private async update(
    credential: string,
    change: Pick<
      UpdateItemCommandInput,
      'ConditionExpression' | 'UpdateExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
    >,
  ): Promise<Written> {
    const command = new UpdateItemCommand({
      TableName: this.tableName,
      Key: { credential: { S: credential } },
      ReturnValues: 'ALL_NEW',
      // The loser of a race gets the current item without a second read.
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...change,
    });
    try {
      const { Attributes: item } = await inTime(this.timeouts, (options) => this.client.send(command, options));
      return { done: true, record: item && recordOf(item) };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { done: false, record: error.Item && recordOf(error.Item) };
      }
      return translated(error);
    }
  }
}

/** The attributes that a decision to mint rests on. */
const DECIDED_ON = ['token_id', 'lease_id', 'lease_until', 'failure', 'forced_at'] as const;

/** The item that a record was read from; empty for a record of another store, such as an environment's memory. Every item has its key. */
function itemIn(record: VendingRecord | undefined, credential: string): Item {
  const stored = (record?.stored ?? {}) as Item;
  return stored.credential?.S === credential ? stored : {};
}

/** The condition that these attributes are still as in this item. It works with any type, so no odd value can lock a record. */
function unchangedSince(item: Item): { condition: string; values: Item } {
  const values: Item = {};
  const terms = DECIDED_ON.map((name) => {
    const value = item[name];
    if (value === undefined) {
      return `attribute_not_exists(${name})`;
    }
    values[`:seen_${name}`] = value;
    return `${name} = :seen_${name}`;
  });
  return { condition: terms.join(' AND '), values };
}

/** Throws an error of the SDK as one of the store. */
function translated(error: unknown): never {
  const name = nameOf(error);
  throw THROTTLES.includes(name) ? new StoreThrottled('the table is asked too often') : new StoreUnreachable(name);
}

function number(value: number): AttributeValue {
  return { N: String(value) };
}

function failureItem(failure: Failure): Item {
  return {
    code: { S: failure.code },
    retry_at: number(failure.retryAt),
    count: number(failure.count),
    ...(failure.secretVersion !== undefined && { secret_version: { S: failure.secretVersion } }),
    ...(failure.reason && { reason: { S: failure.reason } }),
  };
}
