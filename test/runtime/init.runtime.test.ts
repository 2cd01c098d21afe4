import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { ExecutionEnvironment } from './execution-environment';
import { buildTask, functionVariables } from './runtime-world';

const tasks: Record<string, string> = {};
beforeAll(() => {
  for (const entry of ['handler', 'rotation'] as const) tasks[entry] = buildTask(entry);
});

const variables = functionVariables('http://127.0.0.1:9', 'tokens', 'https://api.fiskil.com/v1/token');

const opened: ExecutionEnvironment[] = [];
afterEach(() => Promise.all(opened.splice(0).map((environment) => environment.stop())));

test.each([
  ['handler', 'TABLE_NAME', undefined, 'missing'],
  ['handler', 'SECRET_IDS', undefined, 'missing'],
  ['handler', 'TOKEN_URL', '', 'missing'],
  ['handler', 'AWS_LAMBDA_FUNCTION_NAME', undefined, 'missing'],
  ['handler', 'SECRET_IDS', '{"default":"arn:canary', 'not a JSON object'],
  ['rotation', 'TOKEN_URL', undefined, 'missing'],
])('the function %s with %s = %s does not start, and says why in one sentence', async (entry, name, value, what) => {
  const { [name]: _, ...others } = variables;
  const given: Record<string, string> = value === undefined ? others : { ...others, [name]: value };
  const environment = await ExecutionEnvironment.start(tasks[entry] ?? '', given);
  opened.push(environment);
  const { initError } = await environment.begun();
  const sentence = initError?.errorMessage ?? '';
  expect(sentence).toMatch(new RegExp(`^The environment variable ${name} is ${what}.*\\.$`));
  expect(initError).toMatchObject({ errorType: 'EnvironmentFault', trace: [`EnvironmentFault: ${sentence}`] });
  // The runtime's own line, and Node's last words. Neither shows code, a place in it, or what the variable holds.
  expect(environment.output).toContain(sentence);
  expect(environment.output).not.toMatch(/index\.mjs|canary/);
});

async function initError(entry: string, extra: Record<string, string>) {
  const environment = await ExecutionEnvironment.start(tasks[entry] ?? '', { ...variables, ...extra });
  opened.push(environment);
  return { error: (await environment.begun()).initError?.errorMessage, output: environment.output };
}

const BOTH = ['handler', 'rotation'] as const;

test.each(
  BOTH.flatMap((entry) =>
    [
      ['NODE_USE_ENV_PROXY', '1'],
      ['NODE_OPTIONS', '--no-warnings --use-env-proxy'],
      ['NODE_OPTIONS', '--use_env_proxy'],
      ['NODE_OPTIONS', '"--use\\-env-proxy"'],
    ].map(([name = '', value = '']) => [entry, name, value] as const),
  ),
)(
  'the function %s does not start where Node heeds proxy variables, however it was told: %s=%s',
  async (entry, name, value) => {
    const { error } = await initError(entry, { [name]: value });
    expect(error).toMatch(/^The secret must not go through a proxy/);
  },
);

test('with an option that is taken back, or a proxy that Node does not heed, it starts', async () => {
  const told = { NODE_OPTIONS: '--use-env-proxy --no-use-env-proxy', HTTPS_PROXY: 'http://127.0.0.1:9' };
  expect((await initError('handler', told)).error).toBeUndefined();
});

test.each(BOTH)('the function %s does not start where Node writes what it sends to the log', async (entry) => {
  const { error, output } = await initError(entry, { NODE_DEBUG: 'https,stream' });
  expect(error).toMatch(/^With NODE_DEBUG, Node writes/);
  expect(output).not.toContain(variables.AWS_SECRET_ACCESS_KEY);
});

test('with all that it needs it starts, though nothing answers it yet', async () => {
  const environment = await ExecutionEnvironment.start(tasks.handler ?? '', variables);
  opened.push(environment);
  expect(await environment.begun()).toEqual({});
});
