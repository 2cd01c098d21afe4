import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Front } from '../../local/front';
import { LOCAL_KEY, startTokenApi } from '../../local/token-api';
import { presign } from '../support/signed-request';

// A whole second: a signature says no fractions.
const SIGNED_AT = Date.parse('2026-11-25T07:14:00Z');
const SECOND = 1_000;

let api: Front;
let now: number;
let printed: string;
beforeEach(async () => {
  now = SIGNED_AT;
  printed = '';
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  api = await startTokenApi({ help: false, port: 0 }, (text) => {
    printed += text;
  });
});
afterEach(async () => {
  await api.stop();
  jest.restoreAllMocks();
});

test('a presigned URL works for its whole time, and then reaches no function', async () => {
  const signing = { keys: LOCAL_KEY, region: LOCAL_KEY.region, date: new Date(SIGNED_AT) };
  const url = await presign(`${api.url}tokens/default`, signing, 60);

  now = SIGNED_AT + 60 * SECOND;
  expect((await fetch(url)).status).toBe(200);
  expect(printed).toMatch(/vend default: 200/);

  now += SECOND;
  printed = '';
  const late = await fetch(url);
  expect([late.status, await late.json()]).toEqual([403, expect.objectContaining({ code: 'signature_expired' })]);
  expect(printed).toMatch(/refused: signature_expired/);
  expect(printed).not.toMatch(/vend/);
});
