import { expect, test } from '@jest/globals';
import { type EditRule, SecretModel } from './secrets-manager-model';
import { versionsContract } from './versions.contract';

const EDIT_RULES: readonly EditRule[] = ['takes AWSPENDING', 'leaves AWSPENDING'];

for (const editRule of EDIT_RULES) {
  versionsContract(`the model in which an edit ${editRule}`, async () => {
    const model = new SecretModel('first', editRule);
    let tokens = 0;
    return {
      secretId: 'any',
      versions: model,
      edit: async (text) => model.edit(text),
      begin: async (token) => model.begin(token),
      newToken: () => `token-${++tokens}`,
    };
  });
}

test.each([
  ['takes AWSPENDING', undefined],
  ['leaves AWSPENDING', 'token'],
] as const)('an edit during a rotation %s', (editRule, pending) => {
  const model = new SecretModel('first', editRule);
  model.begin('token');
  model.edit('second');
  expect(model.labelled('AWSPENDING')).toBe(pending);
});
