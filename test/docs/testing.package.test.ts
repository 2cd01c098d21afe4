import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePorts } from '../support/free-ports';
import { installPackage } from '../support/pack';
import { callersPython, ROOT, vitestProgram } from '../support/toolbox';

const PAGE = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8');
const CALLERS = join(ROOT, 'docs/callers/python');

const execute = promisify(execFile);
let project: string;
beforeAll(async () => {
  project = await installPackage();
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** The page's example for the file with this name. */
function example(file: string): string {
  const [, code] = new RegExp(`\`\`\`\\w+\n(?:// |# )${file}\n([^\`]*(?:\`[^\`][^\`]*)*)\`\`\``).exec(PAGE) ?? [];
  if (code === undefined) throw new Error(`docs/testing.md has no ${file}`);
  return code;
}

const write = (file: string, text = example(file)) => writeFileSync(join(project, file), text);

async function outputOf(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const options = { cwd: project, env: { PATH: process.env.PATH ?? '', ...env } };
  const { stdout, stderr } = await execute(command, args, options).catch((error) => error);
  return `${stdout}${stderr}`;
}

test('the example for Jest passes as it stands', async () => {
  for (const file of ['end-users.ts', 'end-users.test.ts']) write(file);
  for (const name of ['@jest', '@swc'])
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  const config = JSON.stringify({ rootDir: project, transform: { '\\.ts$': '@swc/jest' } });
  const output = await outputOf(process.execPath, [join(ROOT, 'node_modules/jest/bin/jest.js'), '--config', config]);
  expect(output).toMatch(/^Tests: +3 passed, 3 total$/m);
});

test('the example for vitest differs only in an import', async () => {
  const [, line = ''] = /With vitest, the first import is `([^`]+)`/.exec(PAGE) ?? [];
  write('end-users.ts');
  write('end-users.test.ts', example('end-users.test.ts').replace(/^import .* from '@jest\/globals';$/m, line));
  const vitest = vitestProgram();
  symlinkSync(join(vitest, '..'), join(project, 'node_modules', 'vitest'));
  const output = await outputOf(process.execPath, [vitest, 'run', '--root', project], { NO_COLOR: '1' });
  expect(output).toMatch(/Tests +3 passed \(3\)/);
});

test('the example for pytest passes as it stands, with the token API of the package', async () => {
  // Another token API may already use the default ports.
  write('conftest.py', example('conftest.py').replace('PORT = 4010', `PORT = ${await freePorts()}`));
  write('test_with_token_api.py');
  for (const file of ['fiskil_tokens.py', 'list_end_users.py']) copyFileSync(join(CALLERS, file), join(project, file));
  const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test_with_token_api.py'];
  expect(await outputOf(callersPython(), args, { AWS_CONFIG_FILE: '/dev/null' })).toMatch(/^3 passed/m);
});

test('all TypeScript examples type-check under strict', async () => {
  const files = ['end-users.ts', 'container.ts'];
  for (const file of files) write(file);
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'));
  symlinkSync(join(ROOT, 'node_modules/undici-types'), join(project, 'node_modules/undici-types'));
  const flags = ['--strict', '--noEmit', '--target', 'es2023', '--module', 'nodenext', '--types', 'node'];
  expect(await outputOf(join(ROOT, 'node_modules/.bin/tsc'), [...flags, ...files])).toBe('');
});
