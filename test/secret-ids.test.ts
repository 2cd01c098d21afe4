import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readEnvironment } from '../lambda/environment';
import { complete, shortened } from '../lambda/secret-ids';

const HEAD = 'arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:';

test('ids of secrets that the stack makes, of such that it adopts, and of others are the same again, and shorter', () => {
  const ids = {
    default: 'fiskil/default',
    'sandbox-energy': 'fiskil/sandbox-energy',
    adopted: `${HEAD}fiskil/adopted-AbC123`,
    other: `${HEAD}team/other-AbC123`,
    elsewhere: 'arn:aws:secretsmanager:us-east-1:444455556666:secret:x-AbC123',
    // Of a name that begins as another one ends.
    def: 'fiskil/default2',
  };
  expect(shortened(ids)).toEqual({
    ':': HEAD,
    '*': 'fiskil/',
    default: '*',
    'sandbox-energy': '*',
    adopted: ':*-AbC123',
    other: ':team/other-AbC123',
    elsewhere: ids.elsewhere,
    def: '*ault2',
  });
  expect(complete(shortened(ids))).toEqual(ids);
  expect(complete(ids)).toEqual(ids);
});

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,5})?$/);
const path = fc.stringMatching(/^[\w/+=.@-]{1,20}$/);
const id = fc.oneof(
  path,
  path.map((each) => `${HEAD}${each}-AbC123`),
  path.map((each) => `arn:aws-cn:secretsmanager:cn-north-1:444455556666:secret:${each}-AbC123`),
);

test('whatever the ids are, the function reads what the stack was told', () => {
  fc.assert(
    fc.property(fc.dictionary(name, id, { minKeys: 1 }), fc.constantFrom('fiskil', 'a/b'), (given, prefix) => {
      // Half of them as the stack makes them.
      const entries = Object.entries(given).map(([key, value], at) => [key, at % 2 ? value : `${prefix}/${key}`]);
      const ids = Object.fromEntries(entries) as Record<string, string>;
      const variables = {
        TABLE_NAME: 't',
        TOKEN_URL: 'https://example.com/',
        SECRET_IDS: JSON.stringify(shortened(ids)),
      };
      expect(readEnvironment(variables).secretIds).toEqual(ids);
    }),
  );
});

test('a hundred ids fit into the variables of a function', () => {
  const names = Array.from({ length: 100 }, (_, index) => `credential-no-${index}`.padEnd(20, 'x'));
  for (const ids of [
    Object.fromEntries(names.map((each) => [each, `fiskil/${each}`])),
    Object.fromEntries(names.map((each) => [each, `${HEAD}fiskil/${each}-AbC123`])),
  ])
    expect(JSON.stringify(shortened(ids)).length).toBeLessThan(3_700);
});
