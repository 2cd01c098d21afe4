import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { callerFields, tokenFields } from '../../lambda/api/audit';
import { NOW, token } from '../vending/records';
import { apiEvent, CALLER } from './event';

describe('who called', () => {
  test('comes from the fields of API Gateway', () => {
    expect(callerFields(apiEvent())).toEqual({
      caller_arn: CALLER,
      caller_role: 'arn:aws:iam::111122223333:role/nightly-sync',
      caller_account: '111122223333',
      source_ip: '203.0.113.7',
      request_id: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    });
  });

  const nobody = { caller_arn: '-', caller_role: '-', caller_account: '-', source_ip: '-', request_id: '-' };
  test.each([
    ['no event', undefined],
    ['null', null],
    ['a text', 'event'],
    ['an event without a context', {}],
    ['a context that is null', { requestContext: null }],
    ['an identity that is null', { requestContext: { identity: null } }],
    [
      'fields of other types',
      { requestContext: { identity: { userArn: 5, accountId: null, sourceIp: [] }, requestId: {} } },
    ],
  ])('is unknown with %s', (_what, event) => {
    expect(callerFields(event)).toEqual(nobody);
  });
});

test.each([
  ['arn:aws:sts::444455556666:assumed-role/a.b-c/x@y/z', 'arn:aws:iam::444455556666:role/a.b-c'],
  ['arn:aws-cn:sts::444455556666:assumed-role/a/x', 'arn:aws-cn:iam::444455556666:role/a'],
  // These have no role, so the field has their own ARN.
  ['arn:aws:iam::444455556666:user/a', 'arn:aws:iam::444455556666:user/a'],
  ['arn:aws:iam::444455556666:root', 'arn:aws:iam::444455556666:root'],
  ['arn:aws:sts::444455556666:federated-user/a', 'arn:aws:sts::444455556666:federated-user/a'],
])('caller_role is the role of a session, and otherwise the caller’s own ARN: %s', (userArn, role) => {
  expect(callerFields({ requestContext: { identity: { userArn } } }).caller_role).toBe(role);
});

test('the audit line of a vend while mints fail says why they fail', () => {
  const vended = { token: token('a'), source: 'memory', at: NOW, behindFailure: 'upstream_throttled' } as const;
  expect(tokenFields(vended).behind_failure).toBe('upstream_throttled');
});

test('the audit line of a vend has the token’s source, its expiry and the beginning of its hash', () => {
  const fields = tokenFields({ token: token('a'), source: 'table', at: NOW });
  expect(fields).toEqual({
    source: 'table',
    expires_at: new Date(NOW + 900_000).toISOString(),
    expires_in: 900,
    token_sha256_prefix: createHash('sha256').update('value-of-a').digest('hex').slice(0, 16),
  });
});
