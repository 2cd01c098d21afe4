import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
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
