import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AxiosError, type AxiosResponse } from 'axios';
import { closeAll, serve } from './loopback';

const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, 'docs', 'callers', 'any-http');

let callFiskil: typeof import('../../docs/callers/any-http/call-fiskil').callFiskil;
let env: Record<string, string> = {};
let asked: string[] = [];
let shown: (string | undefined)[] = [];
let refusesRejections = false;

/** A token API that vends `t1`, and the next token after each rejection. Its Fiskil accepts only even tokens. */
beforeAll(async () => {
  let current = 1;
  const api = await serve(async (request, response) => {
    const body = (await request.toArray()).join('');
    asked.push(`${request.method} ${request.url} ${body}`.trim());
    if (request.method === 'POST' && refusesRejections) {
      response.writeHead(429, { 'content-type': 'application/problem+json' });
      return void response.end('{"code":"rejection_too_soon","detail":"x"}');
    }
    if (body.includes(sha256(`t${current}`))) current += 1;
    const expires_at = new Date(Date.now() + 900_000 + current * 1000).toISOString();
    const vend = { token: `t${current}`, expires_in: 900, expires_at, client_id: 'id', credential: 'default' };
    response.end(JSON.stringify(vend));
  });
  const fiskil = await serve((request, response) => {
    shown.push(request.headers.authorization);
    const isGood = /[02468]$/.test(request.headers.authorization ?? '');
    response.writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isGood ? { end_users: [{ id: 'one' }] } : { message: 'no' }));
  });
  env = {
    FISKIL_TOKEN_API_URL: `${api}/v1/`,
    FISKIL_ORIGIN: fiskil,
    AWS_REGION: 'ap-southeast-2',
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  Object.assign(process.env, env);
  // Only now, because the file makes its provider when it is loaded.
  ({ callFiskil } = await import('../../docs/callers/any-http/call-fiskil'));
});
beforeEach(() => {
  asked = [];
  shown = [];
});
afterAll(closeAll);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test.each(['with-axios.ts', 'with-got.ts'])(
  '%s gets its answer, although Fiskil refuses the first token and the library throws',
  async (file) => {
    const tsx = join(ROOT, 'node_modules', '.bin', 'tsx');
    const options = { env: { PATH: process.env.PATH, ...env }, cwd: ROOT };
    const programs = promisify(execFile)(tsx, [join(FOLDER, file)], options);

    expect(JSON.parse((await programs).stdout)).toEqual({ end_users: [{ id: 'one' }] });
    expect(shown).toEqual([expect.stringMatching(/[13579]$/), expect.stringMatching(/[02468]$/)]);
    expect(asked.map((line) => line.split(' ', 1)[0])).toEqual(['GET', 'POST']);
    // The next program begins with a token that Fiskil refuses.
    const next = await fetch(`${env.FISKIL_TOKEN_API_URL}x`, { method: 'POST', body: sha256(`${shown[1]?.slice(7)}`) });
    expect(next.ok).toBe(true);
  },
);

describe('callFiskil', () => {
  const byAxios = (authorization: string) =>
    Promise.reject(new AxiosError('', '', undefined, undefined, { status: 401, data: authorization } as AxiosResponse));

  test('replaces a token after an answer with 401, and returns the answer with its own type', async () => {
    const sent: string[] = [];
    const send = async (authorization: string) => {
      sent.push(authorization);
      return { status: /[13579]$/.test(authorization) ? 401 : 200, text: 'typed' };
    };

    const { status, text } = await callFiskil(send);

    expect([status, text.length]).toEqual([200, 5]);
    expect(sent).toEqual([expect.stringMatching(/[13579]$/), expect.stringMatching(/[02468]$/)]);
    expect(asked[1]).toContain(sha256(`${sent[0]?.slice(7)}`));
    expect((await callFiskil(send)).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  test('leaves other failures alone', async () => {
    await expect(callFiskil(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    await expect(callFiskil(async () => ({ statusCode: 404 }))).resolves.toEqual({ statusCode: 404 });
    await expect(callFiskil(async () => null)).resolves.toBeNull();
    expect(asked).toEqual([]);
  });

  test('returns or throws Fiskil’s own 401 if there is no other token', async () => {
    refusesRejections = true;

    await expect(callFiskil(byAxios)).rejects.toBeInstanceOf(AxiosError);
    await expect(callFiskil(async () => ({ statusCode: 401 }))).resolves.toEqual({ statusCode: 401 });
  });
});
