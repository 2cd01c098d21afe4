import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { ENVIRONMENT, EnvironmentFault, readEnvironment, whyByProxy } from '../lambda/environment';

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

test.each(['not JSON', '{"default":', 'null', '"fiskil/default"', '{"default":7}', '["fiskil/default",7]'])(
  'with SECRET_IDS that cannot be used (%s) it does not start, and says so without quoting it',
  (text) => {
    const sentence =
      "The environment variable SECRET_IDS is not a JSON object of credentials and their secrets: deploy the function with this project's stack.";
    expect(() => readEnvironment({ ...variables, SECRET_IDS: text })).toThrow(new EnvironmentFault(sentence));
  },
);

test('why it does not start is one line, which the log repeats, and no stack', () => {
  expect(new EnvironmentFault('One sentence.').stack).toBe('EnvironmentFault: One sentence.');
});

test('where Node heeds proxy variables it does not start, and says why', () => {
  const sentence = 'The secret must not go through a proxy: remove NODE_USE_ENV_PROXY and --use-env-proxy.';
  expect(whyByProxy(true)).toBe(sentence);
});

test('what Node does not heed is let be', () => {
  const ignored = { HTTPS_PROXY: 'http://proxy.example:3128', NODE_OPTIONS: '--no-warnings', NODE_DEBUG: '' };
  expect(whyByProxy()).toBeUndefined();
  expect(readEnvironment({ ...variables, ...ignored }).tokenUrl).toBe(variables.TOKEN_URL);
});

test.each(['NODE_DEBUG', 'NODE_DEBUG_NATIVE'])('with %s it does not start, and says why without quoting it', (name) => {
  const sentence = `With ${name}, Node writes tokens and credentials to the log: remove ${name}.`;
  expect(() => readEnvironment({ ...variables, [name]: 'stream' })).toThrow(new EnvironmentFault(sentence));
});

test('no sentence quotes a value, whichever variable it stands in', () => {
  const canary = 'canary-value';
  const names = [...Object.values(ENVIRONMENT), 'NODE_DEBUG', 'NODE_DEBUG_NATIVE'];
  const told = names.flatMap((name) =>
    [canary, `{"default":${canary}`, `["${canary}",7]`].map((value) => {
      try {
        return JSON.stringify(Object.keys(readEnvironment({ ...variables, [name]: value })));
      } catch (error) {
        return inspect(error);
      }
    }),
  );
  expect(told.filter((text) => text.includes(canary))).toEqual([]);
});
