import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { bundle } from '../../lib/bundle';
import { startStandIn } from '../../local/fiskil-stand-in';
import { startRawServer } from '../support/raw-server';

test('a mint goes to Fiskil itself, whatever the proxy variables say', async () => {
  const [fiskil, proxy] = await Promise.all([startStandIn(), startRawServer((socket) => socket.destroy())]);
  try {
    const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', join(__dirname, 'one-mint.ts'), fiskil.url],
      { env: { PATH: process.env.PATH, ...Object.fromEntries(proxies.map((name) => [name, proxy.origin])) } },
    );
    expect(stdout.trim()).toBe(fiskil.mints[0]?.token);
    expect(proxy.received).toEqual([]);
  } finally {
    await Promise.all([fiskil.stop(), proxy.stop()]);
  }
});

test.each(['handler.ts', 'rotation.ts'])(
  'the function of %s does not start where Node would heed them',
  async (entry) => {
    const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
    try {
      const file = join(folder, 'index.mjs');
      bundle(join(__dirname, '../../lambda', entry), file);
      const started = promisify(execFile)(process.execPath, [file], {
        env: {
          PATH: process.env.PATH,
          TABLE_NAME: 'tokens',
          SECRET_IDS: '{"default":"fiskil/default"}',
          TOKEN_URL: 'https://api.fiskil.com/v1/token',
          NODE_USE_ENV_PROXY: '1',
        },
      });
      await expect(started).rejects.toMatchObject({
        stderr: expect.stringContaining('The secret goes to Fiskil by no proxy'),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
