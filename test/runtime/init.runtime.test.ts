import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { ExecutionEnvironment } from './execution-environment';
import { buildTask, functionVariables } from './runtime-world';

const tasks: Record<string, string> = {};
beforeAll(() => {
  for (const entry of ['handler', 'rotation'] as const) tasks[entry] = buildTask(entry);
});

const variables = functionVariables('http://127.0.0.1:9', 'tokens', 'https://api.fiskil.com/v1/token');
const missing = (name: string) =>
  `The environment variable ${name} is missing: deploy the function with this project's stack.`;

const opened: ExecutionEnvironment[] = [];
afterEach(() => Promise.all(opened.splice(0).map((environment) => environment.stop())));

test.each([
  ['handler', 'TABLE_NAME', undefined, missing('TABLE_NAME')],
  ['handler', 'SECRET_IDS', undefined, missing('SECRET_IDS')],
  ['handler', 'TOKEN_URL', '', missing('TOKEN_URL')],
  ['handler', 'AWS_LAMBDA_FUNCTION_NAME', undefined, missing('AWS_LAMBDA_FUNCTION_NAME')],
  [
    'handler',
    'SECRET_IDS',
    '{"default":"arn:canary',
    "The environment variable SECRET_IDS is not a JSON object of credentials and their secrets: deploy the function with this project's stack.",
  ],
  ['rotation', 'TOKEN_URL', undefined, missing('TOKEN_URL')],
])(
  'the function %s with %s = %s does not start, and says why in one sentence',
  async (entry, name, value, sentence) => {
    const { [name]: _, ...others } = variables;
    const given: Record<string, string> = value === undefined ? others : { ...others, [name]: value };
    const environment = await ExecutionEnvironment.start(tasks[entry] ?? '', given);
    opened.push(environment);
    const { initError } = await environment.begun();
    expect(initError).toEqual({
      errorType: 'EnvironmentFault',
      errorMessage: sentence,
      trace: [`EnvironmentFault: ${sentence}`],
    });
    // The runtime's own line, and Node's last words. Neither shows code, a place in it, or what the variable holds.
    expect(environment.output).toContain(sentence);
    expect(environment.output).not.toMatch(/index\.mjs|canary/);
  },
);

test('with all that it needs it starts, though nothing answers it yet', async () => {
  const environment = await ExecutionEnvironment.start(tasks.handler ?? '', variables);
  opened.push(environment);
  expect(await environment.begun()).toEqual({});
});
