import { expect, test } from '@jest/globals';
import { ENVIRONMENT, EnvironmentFault, readEnvironment } from '../lambda/environment';

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

test.each([
  { NODE_USE_ENV_PROXY: '1' },
  { NODE_OPTIONS: '--no-warnings --use-env-proxy' },
  { NODE_OPTIONS: '--use_env_proxy' },
])('where Node would take the secret to a proxy (%j) the function does not start, and says why', (told) => {
  const sentence = 'The secret goes to Fiskil by no proxy: take NODE_USE_ENV_PROXY and --use-env-proxy away.';
  expect(() => readEnvironment({ ...variables, ...told })).toThrow(sentence);
});

test('what Node does not heed is let be', () => {
  // Only 1 turns it on, and only then are the proxy variables read.
  const ignored = { NODE_USE_ENV_PROXY: '0', HTTPS_PROXY: 'http://proxy.example:3128', NODE_OPTIONS: '--no-warnings' };
  expect(readEnvironment({ ...variables, ...ignored }).tokenUrl).toBe(variables.TOKEN_URL);
});
