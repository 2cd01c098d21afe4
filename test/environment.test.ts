import { expect, test } from '@jest/globals';
import { ENVIRONMENT, readEnvironment } from '../lambda/environment';

const variables = {
  TABLE_NAME: 'tokens',
  SECRET_IDS: '{"default":"fiskil/default"}',
  TOKEN_URL: 'https://api.fiskil.com/v1/token',
};

test('the environment is read from the variables that the stack sets', () => {
  expect(readEnvironment(variables)).toEqual({
    tableName: 'tokens',
    secretIds: { default: 'fiskil/default' },
    tokenUrl: 'https://api.fiskil.com/v1/token',
  });
});

test.each(Object.values(ENVIRONMENT))('without %s the function does not start, and says why', (name) => {
  const sentence = `The environment variable ${name} is missing: deploy the function with this project's stack.`;
  expect(() => readEnvironment({ ...variables, [name]: undefined })).toThrow(sentence);
  expect(() => readEnvironment({ ...variables, [name]: '' })).toThrow(sentence);
});
