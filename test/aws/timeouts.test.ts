import { describe, expect, test } from '@jest/globals';
import { DYNAMODB_TIMEOUTS, inTime, SECRETS_MANAGER_TIMEOUTS } from '../../lambda/aws/timeouts';
import { ATTEMPT_BUDGET, LEASE_TIME, MINT_BUDGET } from '../../lambda/vending/budgets';

describe.each([
  ['DynamoDB', DYNAMODB_TIMEOUTS],
  ['Secrets Manager', SECRETS_MANAGER_TIMEOUTS],
])('the time for %s', (_name, { attempt, call }) => {
  test('is enough for two attempts and the pause between them (at most 100 ms)', () => {
    expect(2 * attempt + 100).toBeLessThanOrEqual(call);
  });
});

test('reading the secret and two attempts at Fiskil fit into a mint', () => {
  expect(SECRETS_MANAGER_TIMEOUTS.call + 2 * ATTEMPT_BUDGET).toBeLessThanOrEqual(MINT_BUDGET);
});

test('a mint, its publication and clocks that differ by 2 s fit into a lease', () => {
  expect(MINT_BUDGET + DYNAMODB_TIMEOUTS.call + 2_000).toBeLessThanOrEqual(LEASE_TIME);
});

test.each([
  ['well', async () => 'an answer'],
  ['badly', async () => Promise.reject(new Error('no answer'))],
])('a call that ends %s leaves no timer behind', async (_how, send) => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  await inTime({ attempt: 1_000, call: 60_000 }, send).catch(() => undefined);
  expect(timers()).toBe(before);
});
