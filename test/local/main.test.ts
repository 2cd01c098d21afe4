import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { freePorts } from '../support/free-ports';
import { silence } from '../support/stand-in-faults';
import { until } from '../support/until';

const ROOT = join(__dirname, '../..');
const children: ChildProcess[] = [];
let fiskil: StandIn | undefined;
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await fiskil?.stop();
  fiskil = undefined;
});

/** What `npm start` runs, without npm's own processes around it. */
const DIRECTLY: [string, ...string[]] = [process.execPath, '--import', 'tsx', 'local/main.ts'];

function run(args: string[], env: Record<string, string> = {}, [command, ...before] = DIRECTLY) {
  const child = spawn(command, [...before, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  const listening = new Promise<void>((resolve) => {
    child.stdout.on('data', (data) => {
      output.stdout += data;
      if (/^export FISKIL_TOKEN_API_URL=.*\n(.*\n)*\n/m.test(output.stdout)) resolve();
    });
  });
  child.stderr.on('data', (data) => {
    output.stderr += data;
  });
  const closed = once(child, 'close').then(([code]) => code as number);
  const line = (start: string) => output.stdout.split('\n').find((text) => text.startsWith(start)) ?? '';
  return { output, listening: Promise.race([listening, closed]), closed, line, child, kill: child.kill.bind(child) };
}

const bash = (line: string) => promisify(execFile)('bash', ['-c', line], { cwd: ROOT });
const hasSigningCurl = spawnSync('curl', ['--aws-sigv4', 'aws:amz', '--version']).status === 0;

describe('npm start', () => {
  test('prints lines that work when pasted, and ends with code 0 at Ctrl-C', async () => {
    const start = run(['--port', '0'], {});
    await start.listening;
    const [, standIn] =
      /the built-in stand-in for Fiskil, whose tokens work only at (\S+)/.exec(start.output.stdout) ?? [];
    const unauthorised = await fetch(`${standIn}institutions`);
    expect(unauthorised.status).toBe(401);

    // An old curl cannot sign; where the project is tested as a whole, there is one that can.
    if (hasSigningCurl || process.env.CI) {
      const { stdout } = await bash(`${start.line('curl ')} --silent`);
      expect(JSON.parse(stdout)).toMatchObject({ token: expect.any(String), credential: 'default' });
    }
    // A profile in the shell that does not know the local keys must not get in the way.
    const vend = await bash(`export AWS_PROFILE=nonesuch; ${start.line('AWS_PROFILE=')}`);
    expect(vend.stdout).toMatch(/^credential: default\nclient_id: local-client-id\norg_id: org_local\n/m);
    expect(vend.stdout).toMatch(/^key_id: local-client-id\nscopes: api:banking api:user\.read api:user\.write\n/m);

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
    expect(start.output.stdout).toContain(`${fiskil.origin}, with the pair of FISKIL_CLIENT_ID`);

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
    // The mint itself would go on for 5 s; the end takes a tenth of a second.
    expect(performance.now() - killed).toBeLessThan(4_500);
    expect(start.output.stdout).not.toContain(pair.clientSecret);
    expect((await call).stderr).toMatch(/^unreachable: no answer from the token API/);
  });

  test('ends when the npm around it gets SIGTERM, though npm keeps that to itself', async () => {
    const start = run(['--port', '0'], {}, ['npm', 'start', '--']);
    await start.listening;
    const origin = start.line('export FISKIL_ORIGIN=').replace('export FISKIL_ORIGIN=', '');
    expect((await fetch(`${origin}/_control`)).status).toBe(200);
    start.kill('SIGTERM');
    await until('the end of the server', 20_000, () =>
      fetch(`${origin}/_control`).then(
        () => undefined,
        () => true,
      ),
    );
  });

  test("tells the stand-in's port, which is the one after its own, and behaves as its options say", async () => {
    const port = await freePorts();
    const start = run(['--port', String(port), '--fail', '503', '--for', '100ms', '--life', '60']);
    await start.listening;
    expect(start.line('export FISKIL_TOKEN_API_URL=')).toContain(`http://127.0.0.1:${port}/v1/ `);
    expect(start.line('export FISKIL_ORIGIN=')).toBe(`export FISKIL_ORIGIN=http://127.0.0.1:${port + 1}`);
    const control = `http://127.0.0.1:${port + 1}/_control`;
    // Its time begins when the stand-in does.
    const state = await until('the end of the failure', 10_000, async () => {
      const told = (await (await fetch(control)).json()) as { fail: number | null; life: number };
      return told.fail === null ? told : undefined;
    });
    expect(state.life).toBe(60);
  });

  test('keeps no body of a request that nobody signed', async () => {
    const start = run(['--port', '0']);
    await start.listening;
    const { port } = new URL(/http:\S+/.exec(start.output.stdout)?.[0] ?? '');
    const memory = async () => Number((await bash(`ps -o rss= -p ${start.child.pid}`)).stdout) / 1_024;
    const before = await memory();
    const body = Buffer.alloc(9_900_000, 'a');
    const head = `POST /v1/tokens/default/rejections HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length + 1}\r\n\r\n`;
    const sockets = Array.from({ length: 30 }, () => connect(Number(port), '127.0.0.1'));
    await Promise.all(
      sockets.map(async (socket) => {
        socket.resume().write(head);
        await new Promise((resolve) => socket.write(body, resolve));
      }),
    );
    // 300 MB have been sent. What a socket has in hand is some 64 KB.
    expect((await memory()) - before).toBeLessThan(100);
    for (const socket of sockets) socket.destroy();
  });

  test('says in one sentence that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const start = run(['--port', String(port), '--fiskil-port', '0']);
    expect(await start.closed).toBe(1);
    expect(start.output).toEqual({
      stdout: '',
      stderr: 'The port of --port is in use: stop the program that uses it, or choose another port with --port.\n',
    });
    other.close();
  });
});
