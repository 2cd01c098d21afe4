import { Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import type { Front } from '../../local/front';
import { LOCAL_KEY, startTokenApi } from '../../local/token-api';
import { signAt } from './sign';

const PAIR = { clientId: 'an-id', clientSecret: 'canary-secret' };

let fiskil: StandIn;
let api: Front;
let printed: string;
/** Milliseconds that the clock was set ahead. */
let advanced: number;
let intervals: jest.Spied<typeof setInterval>;
beforeEach(async () => {
  const start = Date.now();
  advanced = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => start + advanced);
  intervals = jest.spyOn(globalThis, 'setInterval');
  fiskil = await startStandIn({ now: Date.now, pairs: [PAIR] });
  printed = '';
  const settings = { help: false, port: 0, fiskil: { tokenUrl: fiskil.url, pair: PAIR } };
  api = await startTokenApi(settings, (text) => {
    printed += text;
  });
});
afterEach(async () => {
  await Promise.all([api.stop(), fiskil.stop()]);
  jest.restoreAllMocks();
});

async function call(method = 'GET', path = 'tokens/default', body?: string) {
  const { host } = new URL(api.url);
  const headers: [string, string][] = [['host', host]];
  const signed = await signAt(Date.now(), LOCAL_KEY, { method, path: `/v1/${path}`, headers, ...(body && { body }) });
  const answer = await fetch(api.url + path, {
    method,
    headers: signed.headers.filter(([name]) => name !== 'host') as [string, string][],
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('the local token API', () => {
  test('vends a token that Fiskil takes, and the same one again', async () => {
    const first = await call();
    expect(first).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', client_id: 'an-id', credential: 'default' },
    });
    expect((await call()).body.token).toBe(first.body.token);
    expect(fiskil.mints).toHaveLength(1);
    expect(fiskil.isLive(String(first.body.token))).toBe(true);
  });

  test('says what happened, without the token or the secret', async () => {
    const { body } = await call();
    await call('GET', 'tokens/other');
    await call('DELETE');
    fiskil.refuse(PAIR);
    expect(printed).toMatch(/minted, default: for a vend/);
    expect(printed).toMatch(/vend default: 200 from mint, \d+ s left/);
    expect(printed).toMatch(/404 unknown_credential/);
    expect(printed).toMatch(/refused: unsigned_or_unknown_route/);
    expect(printed).not.toContain(String(body.token));
    expect(printed).not.toContain(PAIR.clientSecret);
  });

  test('names what Fiskil refused', async () => {
    fiskil.refuse(PAIR);
    expect(await call()).toMatchObject({ status: 502, body: { code: 'credentials_rejected' } });
    expect(printed).toMatch(/mint failed, default: credentials_rejected \(HTTP 401\)/);
  });

  test('ticks every minute, so that a token that was vended is replaced ahead of its end', async () => {
    await call();
    const arrived = new Promise<void>((resolve) => {
      fiskil.answerNext((_request, response) => {
        resolve();
        response.destroy();
      });
    });
    // 900 s of life: within the last 300 a tick replaces it.
    advanced = 620_000;
    const [tick] = intervals.mock.calls.find(([, ms]) => ms === 60_000) ?? [];
    tick?.();
    await arrived;
  });
});

describe('the local token API, open to the network', () => {
  test('listens where it was told to, and so does its stand-in; neither does otherwise', async () => {
    const listen = Server.prototype.listen;
    const asked: unknown[] = [];
    // No test is open to the network itself.
    jest.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
      asked.push(args[1]);
      return Reflect.apply(listen, this, [args[0], '127.0.0.1', args[2]]);
    });
    for (const host of ['0.0.0.0', undefined]) {
      const open = await startTokenApi({ help: false, port: 0, ...(host && { host }) }, () => {});
      expect((await fetch(open.url)).status).toBe(403);
      await open.stop();
    }
    expect(asked).toEqual(['0.0.0.0', '0.0.0.0', '127.0.0.1', '127.0.0.1']);
  });

  test('says in one sentence that it has no such address', async () => {
    // TEST-NET-1 is nobody's.
    const start = startTokenApi({ help: false, host: '192.0.2.1', port: 0 }, () => {});
    await expect(start).rejects.toThrow(
      /^--host is not an address of this machine: 0\.0\.0\.0 stands for all its addresses\.$/,
    );
  });
});
