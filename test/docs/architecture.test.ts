import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { DynamoDbStore } from '../../lambda/aws/dynamodb-store';
import { DYNAMODB_TIMEOUTS, SECRETS_MANAGER_TIMEOUTS } from '../../lambda/aws/timeouts';
import * as budgets from '../../lambda/vending/budgets';
import { CLOCK_MARGIN } from '../../lambda/vending/windows';
import { claim, failure, NOW, token } from '../vending/records';

const PAGE = readFileSync(join(__dirname, '../../docs/architecture.md'), 'utf8');

/** The rows of the table under this heading, each as its cells. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = new RegExp(`^#+ ${heading}\n(.*?)(?=^#)`, 'ms').exec(PAGE) ?? [];
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

const namesIn = (text = '') => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);

/** What the store sends for each kind of write. */
async function updates(): Promise<UpdateItemCommand['input'][]> {
  const sent: UpdateItemCommand['input'][] = [];
  const client = { send: async ({ input }: UpdateItemCommand) => sent.push(input) } as unknown as DynamoDBClient;
  const store = new DynamoDbStore(client, 'records');
  await store.acquire('default', { ...claim('mint-1'), forcedAt: Math.floor(NOW / 1_000) });
  await store.publish('default', 'mint-1', token('mint-1'));
  await store.release('default', 'mint-1', failure());
  return sent;
}

test('the record has the attributes that the store writes, and no others', async () => {
  const written = (await updates()).flatMap(({ UpdateExpression = '' }) =>
    [...UpdateExpression.matchAll(/#?(\w+) = :/g)].map(([, name]) => name),
  );

  expect(
    rowsUnder('The record')
      .flatMap(([name]) => namesIn(name))
      .sort(),
  ).toEqual([...new Set(['credential', ...written])].sort());
});

test('the condition of an acquire names what the page says', async () => {
  const [acquire] = await updates();
  const compared = [...(acquire?.ConditionExpression ?? '').matchAll(/attribute_not_exists\((\w+)\)/g)].map(
    ([, name]) => name,
  );
  const [, documented] = rowsUnder('Conditions').find(([write]) => write === '`acquire`') ?? [];

  expect(namesIn(documented)).toEqual(compared);
});

test.each([
  ['one read or write of the table', DYNAMODB_TIMEOUTS.call],
  ['one read of the secret', SECRETS_MANAGER_TIMEOUTS.call],
  ['one attempt at Fiskil', budgets.ATTEMPT_BUDGET],
  ['a mint: the secret and two attempts', budgets.MINT_BUDGET],
  ['a lease', budgets.LEASE_TIME],
  ['a request', budgets.REQUEST_BUDGET],
])('%s takes the time that the page says', (what, milliseconds) => {
  const [, most] = rowsUnder('Budgets').find(([name]) => name === what) ?? [];

  expect(most).toMatch(new RegExp(`^${milliseconds / 1_000} s\\b`));
});

test.each([
  ['a record is remembered', 'if its record is less than (\\d+) s old', budgets.MEMORY_AGE],
  ['a table that failed is left alone', 'leaves the table alone for (\\d+) s', budgets.TABLE_REST],
  ['an unconfigured secret is not read again', 'reads the secret every (\\d+) s at most', budgets.SECRET_REST],
  ['between forced mints', 'forced a mint less than (\\d+) s ago', budgets.FORCED_REST],
  ['a refresh is waited for', 'The winner waits (\\d+) s at most', budgets.REFRESH_PATIENCE],
  ['between two clocks', 'so two of them can be (\\d+) s apart', CLOCK_MARGIN],
])('the page has the time that the code has: %s', (_what, sentence, milliseconds) => {
  expect(new RegExp(sentence).exec(PAGE)?.[1]).toBe(String(milliseconds / 1_000));
});
