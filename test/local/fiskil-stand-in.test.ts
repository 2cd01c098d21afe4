import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { STAND_IN_PAIR, STAND_IN_TEAM, type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { answer, endlessBody, reset } from '../support/stand-in-faults';

let standIn: StandIn;
let clock = 1_700_000_000_000;
beforeEach(async () => {
  standIn = await startStandIn({ now: () => clock });
});
afterEach(() => standIn.stop());

const JSON_HEADERS = { accept: 'application/json; charset=UTF-8', 'content-type': 'application/json; charset=UTF-8' };
const body = (pair = STAND_IN_PAIR) => ({ client_id: pair.clientId, client_secret: pair.clientSecret });
const post = (content: unknown = body(), headers: Record<string, string> = JSON_HEADERS) =>
  fetch(standIn.url, {
    method: 'POST',
    headers,
    body: typeof content === 'string' ? content : JSON.stringify(content),
    redirect: 'manual',
  });
const mint = async () => (await (await post()).json()) as { token: string; expires_in: number };
const use = (token: string, path = '/v1/end-users') =>
  fetch(standIn.origin + path, { headers: { authorization: `Bearer ${token}` } });

describe('a token request', () => {
  test('is answered with a token that looks like a JWT and its life', async () => {
    const minted = await mint();
    expect(Object.keys(minted)).toEqual(['token', 'expires_in']);
    expect(minted.expires_in).toBe(900);
    const claims = JSON.parse(Buffer.from(minted.token.split('.')[1] ?? '', 'base64url').toString());
    // As seen in live tokens. Nothing says sandbox or production.
    expect(claims).toEqual({
      org_id: STAND_IN_TEAM,
      key_id: STAND_IN_PAIR.clientId,
      scope: 'api:banking api:user.read api:user.write',
      iat: clock / 1_000,
      exp: clock / 1_000 + 900,
      jti: expect.any(String),
    });
    const { clientId } = STAND_IN_PAIR;
    expect(standIn.mints).toEqual([
      { token: minted.token, clientId, orgId: STAND_IN_TEAM, issuedAt: clock, expiresAt: clock + 900_000 },
    ]);
  });

  test('may name any user agent', async () => {
    const headers = { ...JSON_HEADERS, 'user-agent': 'fiskil-token-vending/0.1.0' };
    expect((await post(body(), headers)).status).toBe(200);
  });

  test('of a pair of another team gets a token that names that team', async () => {
    const pair = { clientId: 'sandbox', clientSecret: 'secret' };
    standIn.accept(pair, 'org_other');
    const { token } = (await (await post(body(pair))).json()) as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.org_id).toBe('org_other');
  });

  test('that is larger than any pair gets a 413, and is not kept', async () => {
    expect((await post('a'.repeat(64 * 1_024 + 1))).status).toBe(413);
  });

  test('with a wrong pair gets a 401 in the shape of Fiskil, and mints nothing', async () => {
    const response = await post({ ...body(), client_secret: 'wrong' });
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toBe('application/vnd.goa.error');
    expect(Object.keys((await response.json()) as object)).toEqual([
      'name',
      'id',
      'message',
      'temporary',
      'timeout',
      'fault',
    ]);
    expect([standIn.mints.length, standIn.requests]).toEqual([0, 1]);
  });

  test.each([
    ['not JSON', 'client_id=a'],
    ['null', 'null'],
    ['a third key', { ...body(), grant_type: 'client_credentials' }],
    ['a missing key', { client_id: STAND_IN_PAIR.clientId }],
  ])('whose body is or has %s gets a 400', async (_what, content) => {
    expect((await post(content)).status).toBe(400);
  });

  test.each(['accept', 'content-type'])('whose %s is not JSON gets a 400', async (header) => {
    expect((await post(body(), { ...JSON_HEADERS, [header]: 'text/plain' })).status).toBe(400);
  });

  test('is refused and accepted as the pair is', async () => {
    standIn.refuse(STAND_IN_PAIR);
    expect((await post()).status).toBe(401);
    standIn.accept({ clientId: 'second', clientSecret: 'pair' });
    expect((await post({ client_id: 'second', client_secret: 'pair' })).status).toBe(200);
  });
});

describe('a token', () => {
  test('works until its life is over, is revoked, or was never issued', async () => {
    standIn.change({ expiresIn: 60 });
    const [first, second] = [await mint(), await mint()];
    expect([(await use(first.token)).status, (await use(second.token)).status]).toEqual([200, 200]);
    standIn.revoke(first.token);
    expect([(await use(first.token)).status, (await use(second.token)).status]).toEqual([401, 200]);
    clock += 60_000;
    expect((await use(second.token)).status).toBe(401);
    expect((await use('never-issued')).status).toBe(401);
  });

  test('opens the institutions beside its client id, or its team, and nothing else', async () => {
    const { token } = await mint();
    for (const id of [STAND_IN_PAIR.clientId, STAND_IN_TEAM]) {
      expect((await use(token, `/v1/institutions?client_id=${id}`)).status).toBe(200);
    }
    for (const query of ['?client_id=other', '?client_id=', '']) {
      expect((await use(token, `/v1/institutions${query}`)).status).toBe(400);
    }
  });

  test('is ended by the next mint of its pair in the newest-only mode, and by no other pair', async () => {
    await standIn.stop();
    const other = { clientId: 'other', clientSecret: 'pair' };
    standIn = await startStandIn({ mode: 'newest-only', pairs: [STAND_IN_PAIR, other] });
    const first = await mint();
    await post(body(other));
    expect(standIn.isLive(first.token)).toBe(true);
    const second = await mint();
    expect([standIn.isLive(first.token), standIn.isLive(second.token)]).toEqual([false, true]);
  });
});

describe('a fault', () => {
  test('answers as many requests as it was told, then the contract is back', async () => {
    standIn.answerNext(answer(503), 2);
    standIn.answerNext(answer(307, '', { location: 'https://elsewhere.example/' }));
    expect([(await post()).status, (await post()).status]).toEqual([503, 503]);
    expect((await post()).status).toBe(307);
    expect((await post()).status).toBe(200);
  });

  test('lasts until it is cleared', async () => {
    standIn.answerNext(reset, Infinity);
    await expect(post()).rejects.toThrow();
    await expect(post()).rejects.toThrow();
    standIn.clearFaults();
    expect((await post()).status).toBe(200);
  });

  test('of an endless body sends for as long as it is read', async () => {
    standIn.answerNext(endlessBody);
    const reader = (await post()).body?.getReader();
    for (let read = 0; read < 1_000_000; ) read += (await reader?.read())?.value?.length ?? 0;
    await reader?.cancel();
    expect((await post()).status).toBe(200);
  });
});
