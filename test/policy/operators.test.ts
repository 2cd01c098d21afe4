import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, isAllowed, REGION } from './evaluate';

const doc = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8');
const [, section = ''] = doc.split('### Who pastes and who rotates');
const policy = JSON.parse(
  (/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '')
    .replaceAll('REGION', REGION)
    .replaceAll('ACCOUNT', ACCOUNT)
    .replaceAll('ROTATION_FUNCTION', 'Rotation'),
);

const secret = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:fiskil/${name}-A1b2C3`;
const lambda = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

describe("the operator's policy in docs/operations.md", () => {
  const may = (action: string, resource: string) =>
    isAllowed({ principal: `arn:aws:iam::${ACCOUNT}:role/operator`, action, resource, identity: [policy] });

  test.each<[string, string, boolean]>([
    ['secretsmanager:ListSecrets', '*', true],
    ['secretsmanager:DescribeSecret', secret('default'), true],
    ['secretsmanager:GetSecretValue', secret('default'), true],
    ['secretsmanager:PutSecretValue', secret('default'), true],
    ['secretsmanager:UpdateSecret', secret('default'), true],
    ['secretsmanager:RotateSecret', secret('default'), true],
    ['lambda:InvokeFunction', lambda('Rotation'), true],
    ['secretsmanager:GetSecretValue', secret('other'), false],
    ['secretsmanager:DeleteSecret', secret('default'), false],
    ['secretsmanager:PutResourcePolicy', secret('default'), false],
    ['lambda:InvokeFunction', lambda('Vend'), false],
    ['lambda:UpdateFunctionCode', lambda('Rotation'), false],
  ])('%s on %s: %s', async (action, resource, allowed) => {
    expect(await may(action, resource)).toBe(allowed);
  });
});
