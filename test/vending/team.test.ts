import { beforeEach, describe, expect, test } from '@jest/globals';
import { checkTeam } from '../../lambda/fiskil/team';
import type { Failure } from '../../lambda/record/types';
import { sha256 } from '../../lambda/sha256';
import type { Engine } from '../../lambda/vending/engine';
import { mintFailure, VendingError, WrongTeam } from '../../lambda/vending/errors';
import { codeOf, START, World } from './world';

const OURS = 'org_ours';
const THEIRS = 'org_theirs';
const REASON = 'the pair belongs to another Fiskil team than the row org_id says';

const jwt = (claims: unknown, n = 0) => `head${n}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.tail`;

/** By client id: which team the key is of. */
const TEAM_OF: Readonly<Record<string, string>> = { 'id-1': OURS, 'id-2': THEIRS };

let world: World;
let environment: Engine;
beforeEach(() => {
  world = new World();
  world.minter.answer = (n) => {
    const { clientId = '' } = world.minter.pairs.at(-1) ?? {};
    return { token: jwt({ org_id: TEAM_OF[clientId] }, n), expiresIn: 900 };
  };
  environment = world.environment();
});

const vend = async (engine = environment) => (await world.clock.run(engine.vend({ credential: 'default' }))).token;
const tick = (engine = environment) => world.clock.run(engine.tick(['default']));
const edit = (version: string, n: 1 | 2, orgId?: string) =>
  world.secrets.edit(version, {
    clientId: `id-${n}`,
    clientSecret: `secret-${n}`,
    ...(orgId !== undefined && { orgId }),
  });
const detailOf = async (engine: Engine) =>
  vend(engine).then(
    () => 'a token',
    (error: VendingError) => error.detail,
  );

describe('the team of a token', () => {
  const pair = { clientId: 'id', clientSecret: 'secret' };
  test.each<[string, string, string | undefined, string]>([
    ['is not asked for without a row', jwt({ org_id: THEIRS }), undefined, 'not asked'],
    ['is right', jwt({ org_id: OURS }), OURS, 'right'],
    ['is not told by what is no JWT', 'abc', OURS, 'not told'],
    ['is not told by a payload that is no base64', 'a.*.c', OURS, 'not told'],
    ['is not told by a payload that is not JSON', `a.${Buffer.from('{').toString('base64url')}.c`, OURS, 'not told'],
    ['is not told by a list', jwt([OURS]), OURS, 'not told'],
    ['is not told by null', jwt(null), OURS, 'not told'],
    ['is not told by a number', jwt({ org_id: 7 }), OURS, 'not told'],
    ['is not told by an empty text', jwt({ org_id: '' }), OURS, 'not told'],
    ['is found in 60 KB', jwt({ padding: 'x'.repeat(45_000), org_id: OURS }), OURS, 'right'],
  ])('%s', (_what, token, orgId, check) => {
    expect(checkTeam({ ...pair, ...(orgId !== undefined && { orgId }) }, token)).toBe(check);
  });

  test.each([THEIRS, 'ORG_OURS', `${OURS} `, `x${OURS}`])('is another one: %s', (named) => {
    expect(() => checkTeam({ ...pair, orgId: OURS }, jwt({ org_id: named }))).toThrow(WrongTeam);
  });
});

describe('a pair of another team than the row says', () => {
  test('that replaces the live one in the console never displaces a working token', async () => {
    edit('v1', 1, OURS);
    const { value } = await vend();
    edit('v2', 2, OURS);
    await tick();
    const [failed] = world.factsOf('mint_failed');
    expect(failed).toMatchObject({ code: 'credentials_rejected', reason: REASON, cause: 'tick' });
    expect(JSON.stringify(world.facts)).not.toMatch(/org_(ours|theirs)/);
    expect(world.factsOf('ticked')).toHaveLength(1);
    expect(world.factsOf('tick_failed')).toEqual([]);
    expect((await vend(world.environment())).value).toBe(value);
    // The next edit heals it.
    edit('v3', 1, OURS);
    await tick();
    expect((await vend(world.environment())).secretVersion).toBe('v3');
    expect(world.minter.mints).toBe(2);
  });

  test('is told to every caller by its own sentence, also while the failure is only remembered', async () => {
    edit('v1', 2, OURS);
    const sentence = new WrongTeam().detail;
    expect(await detailOf(environment)).toBe(sentence);
    expect(await detailOf(world.environment())).toBe(sentence);
    expect(world.minter.mints).toBe(1);
    expect(sentence).toContain('belongs to another Fiskil team than the row org_id says');
  });

  test('is refused where a rejection forces the mint, and the stored token is vended on', async () => {
    edit('v1', 1);
    const { value } = await vend();
    edit('v2', 2, OURS);
    const tokenSha256 = sha256(value);
    const rejected = world.clock.run(environment.reject({ credential: 'default', tokenSha256 }));
    expect(await codeOf(rejected)).toBe('credentials_rejected');
    expect((await vend(world.environment())).value).toBe(value);
  });
});

describe('a row that is wrong', () => {
  test('beside the pair of the token that is served: the pair counts as refused, and heals with the row at the next tick', async () => {
    edit('v1', 1);
    const { value } = await vend();
    edit('v2', 1, THEIRS);
    await tick();
    expect(world.factsOf('mint_failed')).toMatchObject([{ reason: REASON }]);
    expect((await vend(world.environment())).value).toBe(value);
    edit('v3', 1, OURS);
    await tick();
    expect(await vend(world.environment())).toMatchObject({ value, secretVersion: 'v3' });
    // The token in use was of the right team all the time.
    expect(world.minter.mints).toBe(2);
  });

  test('without a token that could be served heals with the row at the next tick as well', async () => {
    edit('v1', 1, THEIRS);
    expect(await codeOf(vend())).toBe('credentials_rejected');
    edit('v2', 1, OURS);
    await tick();
    expect((await vend(world.environment())).secretVersion).toBe('v2');
  });
});

test('a row that is added beside the right pair costs no mint', async () => {
  edit('v1', 1);
  const { value } = await vend();
  edit('v2', 1, OURS);
  await tick();
  expect(await vend(world.environment())).toMatchObject({ value, secretVersion: 'v2' });
  expect(world.minter.mints).toBe(1);
});

test('a token that names no team passes, with one line', async () => {
  edit('v1', 1, OURS);
  world.minter.answer = () => ({ token: 'no-jwt', expiresIn: 900 });
  expect((await vend()).value).toBe('no-jwt');
  await vend();
  expect(world.factsOf('team_not_told')).toEqual([{ kind: 'team_not_told', credential: 'default', cause: 'vend' }]);
});

test('a failure with a reason that this release does not know is told by its code', async () => {
  const failure = { code: 'credentials_rejected', count: 1, retryAt: START + 60_000, secretVersion: 'v1' } as const;
  world.table.put('default', { failure: { ...failure, reason: 'quota' as Failure['reason'] } });
  expect(await detailOf(environment)).toBe(mintFailure('credentials_rejected').detail);
});

test('what Fiskil said of its error is told with the failed mint, and not to the caller', async () => {
  const said = { upstream_error_id: 'err_1', upstream_error_name: 'unauthorized' };
  world.minter.answer = () => mintFailure('credentials_rejected', 'HTTP 401', undefined, said);
  const error = await vend().catch((thrown: unknown) => thrown);
  expect(world.factsOf('mint_failed')).toMatchObject([{ reason: 'HTTP 401', ...said }]);
  expect(error).toBeInstanceOf(VendingError);
  expect(JSON.stringify(error)).not.toContain('err_1');
});
