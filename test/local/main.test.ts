import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { silence } from '../support/stand-in-faults';

const ROOT = join(__dirname, '../..');
const children: ChildProcess[] = [];
let fiskil: StandIn | undefined;
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await fiskil?.stop();
  fiskil = undefined;
});

/** What `npm start` runs, without npm's and tsx's own processes around it. */
function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'local/main.ts', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  const listening = new Promise<void>((resolve) => {
    child.stdout.on('data', (data) => {
      output.stdout += data;
      if (output.stdout.includes('export FISKIL_TOKEN_API_URL=')) resolve();
    });
  });
  child.stderr.on('data', (data) => {
    output.stderr += data;
  });
  const closed = once(child, 'close').then(([code]) => code as number);
  const line = (start: string) => output.stdout.split('\n').find((text) => text.startsWith(start)) ?? '';
  return { output, listening: Promise.race([listening, closed]), closed, line, kill: child.kill.bind(child) };
}

const bash = (line: string) => promisify(execFile)('bash', ['-c', line], { cwd: ROOT });
const hasSigningCurl = spawnSync('curl', ['--aws-sigv4', 'aws:amz', '--version']).status === 0;

describe('npm start', () => {
  test('prints lines that work when pasted, and ends with code 0 at Ctrl-C', async () => {
    const start = run(['--port', '0'], {});
    await start.listening;
    const [, standIn] =
      /the built-in stand-in of Fiskil, whose tokens open nothing but (\S+)/.exec(start.output.stdout) ?? [];
    const unauthorised = await fetch(`${standIn}institutions`);
    expect(unauthorised.status).toBe(401);

    // An old curl cannot sign; where the project is tested as a whole, there is one that can.
    if (hasSigningCurl || process.env.CI) {
      const { stdout } = await bash(`${start.line('curl ')} --silent`);
      expect(JSON.parse(stdout)).toMatchObject({ token: expect.any(String), credential: 'default' });
    }
    // A profile in the shell that does not know the local keys must not get in the way.
    const vend = await bash(`export AWS_PROFILE=nonesuch; ${start.line('AWS_PROFILE=')}`);
    expect(vend.stdout).toMatch(/credential +default\nclient_id +local-client-id\n/);

    start.kill('SIGINT');
    expect([await start.closed, start.output.stderr]).toEqual([0, '']);
  });

  test('mints at FISKIL_TOKEN_URL with the pair of the environment, says so, and ends in the middle of a mint', async () => {
    const pair = { clientId: 'real-id', clientSecret: 'canary-secret' };
    fiskil = await startStandIn({ pairs: [pair] });
    const start = run(['--port', '0'], {
      FISKIL_CLIENT_ID: pair.clientId,
      FISKIL_CLIENT_SECRET: pair.clientSecret,
      FISKIL_TOKEN_URL: fiskil.url,
    });
    await start.listening;
    expect(start.output.stdout).toContain(`${fiskil.url}, with the pair of FISKIL_CLIENT_ID`);

    const arrived = new Promise<void>((resolve) => {
      fiskil?.answerNext((...all) => {
        silence(...all);
        resolve();
      });
    });
    const call = bash(`${start.line('AWS_PROFILE=')}`).catch((error) => error);
    await arrived;
    // A caller that keeps its connection alive does not hold it up either.
    const { port } = new URL(/http:\S+/.exec(start.output.stdout)?.[0] ?? '');
    const idle = connect(Number(port), '127.0.0.1');
    await once(idle, 'connect');
    const killed = performance.now();
    start.kill('SIGTERM');
    expect([await start.closed, start.output.stderr]).toEqual([0, '']);
    // The mint itself would go on for 5 s.
    expect(performance.now() - killed).toBeLessThan(3_000);
    expect(start.output.stdout).not.toContain(pair.clientSecret);
    expect((await call).stderr).toMatch(/^unreachable: no answer from the token API/);
  });

  test('says in one sentence that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const start = run(['--port', String(port)]);
    expect(await start.closed).toBe(1);
    expect(start.output).toEqual({
      stdout: '',
      stderr: `Port ${port} is in use: end what uses it, or choose another with --port.\n`,
    });
    other.close();
  });

  test('needs no package', async () => {
    const { metafile } = await build({
      entryPoints: [join(ROOT, 'local/main.ts')],
      absWorkingDir: ROOT,
      bundle: true,
      platform: 'node',
      write: false,
      metafile: true,
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs).toContain('local/main.ts');
    expect(inputs.filter((path) => path.includes('node_modules'))).toEqual([]);
  });
});
