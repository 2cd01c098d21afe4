import { beforeEach, describe, expect, test } from '@jest/globals';
import { StoreThrottled } from '../../lambda/record/store-errors';
import { sha256 } from '../../lambda/sha256';
import { FaultyTable, hooked } from './faulty-table';
import { codeOf, START, World } from './world';

const REQUEST = { credential: 'default' };
const REJECTION = { ...REQUEST, tokenSha256: sha256('stored') };

let world: World;
beforeEach(() => {
  world = new World();
  world.store();
});

test('a thousand rejections of one token cost one mint', async () => {
  const calls = Array.from({ length: 1_000 }, (_, n) =>
    // Some come in between who have not met the refusal yet.
    n % 10 === 0 ? world.environment().vend(REQUEST) : world.environment().reject(REJECTION),
  );
  const answers = await world.clock.run(Promise.all(calls));
  const rejecting = answers.filter((_, n) => n % 10 !== 0);
  expect(new Set(rejecting.map(({ token }) => token.value))).toEqual(new Set([world.minter.newest]));
  expect(world.minter.mints).toBe(1);
  expect(world.factsOf('minted')).toMatchObject([{ cause: 'rejection' }]);
});

test('everybody else is given the rejected token until its replacement is there', async () => {
  const environment = world.environment();
  await world.clock.run(environment.vend(REQUEST));
  const rejection = environment.reject(REJECTION);
  await world.clock.advance(10);
  const during = [environment.vend(REQUEST), world.environment().vend(REQUEST)];
  expect((await world.clock.run(Promise.all(during))).map(({ token }) => token.value)).toEqual(['stored', 'stored']);
  expect((await world.clock.run(rejection)).token.value).toBe('token-1');
  expect((await world.vend()).token.value).toBe('token-1');
});

describe.each([
  ['upstream_throttled', 300],
  ['upstream_unavailable', undefined],
  ['credentials_rejected', undefined],
  ['secret_unavailable', undefined],
] as const)('where the forced mint fails with %s', (code, retryAfter) => {
  beforeEach(() => world.minter.fail(code, retryAfter));

  test('its caller gets that error, and everybody else the stored token to the end of its life', async () => {
    const environment = world.environment();
    expect(await world.clock.run(codeOf(environment.reject(REJECTION)))).toBe(code);
    expect(world.table.peek('default')).toMatchObject({ token: { value: 'stored' }, failure: { code } });
    for (const secondsLeft of [890, 600, 181, 10]) {
      await world.clock.advance(START + (900 - secondsLeft) * 1_000 - world.clock.now());
      for (const by of [environment, world.environment()]) {
        expect((await world.clock.run(by.vend(REQUEST))).token.value).toBe('stored');
      }
    }
  });

  test('those who rejected with it get the error too, and the next within 30 s is told to wait', async () => {
    const calls = Array.from({ length: 10 }, () => codeOf(world.environment().reject(REJECTION)));
    expect(new Set(await world.clock.run(Promise.all(calls)))).toEqual(new Set([code]));
    expect(world.minter.mints).toBe(1);
    await expect(world.clock.run(world.environment().reject(REJECTION))).rejects.toMatchObject({
      code: 'rejection_too_soon',
      retryAfter: 30,
    });
  });
});

test('a rejection of a token that is no longer stored is answered with the stored one', async () => {
  const other = { ...REQUEST, tokenSha256: sha256('another') };
  expect((await world.clock.run(world.environment().reject(other))).token.value).toBe('stored');
  expect(world.minter.mints).toBe(0);
});

test('a rejection reads the table, whatever this environment remembers', async () => {
  const environment = world.environment();
  await world.clock.run(environment.vend(REQUEST));
  world.store({ value: 'replaced', id: 'replaced-id' });
  expect((await world.clock.run(environment.reject(REJECTION))).token.value).toBe('replaced');
});

test('a second rejection within 30 s is refused and leaves the record as it is', async () => {
  await world.clock.run(world.environment().reject(REJECTION));
  const before = world.table.peek('default');
  const again = world.environment().reject({ ...REQUEST, tokenSha256: sha256('token-1') });
  await expect(world.clock.run(again)).rejects.toMatchObject({ code: 'rejection_too_soon', retryAfter: 30 });
  expect(world.table.peek('default')).toBe(before);
  expect((await world.vend()).token.value).toBe('token-1');
  await world.clock.advance(30_000);
  const later = world.environment().reject({ ...REQUEST, tokenSha256: sha256('token-1') });
  expect((await world.clock.run(later)).token.value).toBe('token-2');
});

describe('when Fiskil hands out the same string again', () => {
  beforeEach(() => {
    world.minter.answer = () => ({ token: 'stored', expiresIn: 700 });
  });

  test('the one who rejected it is told, the stored token stays as it was, and the backoff applies', async () => {
    const before = world.table.peek('default')?.token;
    expect(await world.clock.run(codeOf(world.environment().reject(REJECTION)))).toBe('invalid_upstream_answer');
    expect(world.factsOf('mint_failed')).toMatchObject([{ reason: 'the rejected token was handed out again' }]);
    expect(world.table.peek('default')).toMatchObject({
      token: before,
      failure: { code: 'invalid_upstream_answer', count: 1 },
    });
    expect((await world.vend()).token.value).toBe('stored');
  });

  test('also where no record knew it any more', async () => {
    world.table.put('default', undefined);
    expect(await world.clock.run(codeOf(world.environment().reject(REJECTION)))).toBe('invalid_upstream_answer');
    expect(world.table.peek('default')?.token).toBeUndefined();
  });

  test('also where the rejection came while another minted', async () => {
    world.store({ secondsLeft: 100 });
    const refresh = world.environment().vend(REQUEST);
    await world.clock.advance(10);
    const rejection = codeOf(world.environment().reject(REJECTION));
    const [served, code] = await world.clock.run(Promise.all([refresh, rejection]));
    expect([served.token.value, code]).toEqual(['stored', 'upstream_unavailable']);
    expect(world.minter.mints).toBe(1);
  });
});

test.each([
  ['upstream_throttled', 60],
  ['upstream_unavailable', 2],
] as const)(
  'a rejection while a backoff runs (%s) mints nothing, and says when to come back',
  async (code, seconds) => {
    world.table.put('default', {
      ...world.table.peek('default'),
      failure: { code, retryAt: START + seconds * 1_000, count: 1 },
    });
    const call = world.environment().reject(REJECTION);
    await expect(world.clock.run(call)).rejects.toMatchObject({ code, retryAfter: seconds });
    expect(world.minter.mints).toBe(0);
    expect((await world.vend()).token.value).toBe('stored');
  },
);

test('a table that is asked too often delays a rejection, and does not lose it', async () => {
  let throttles = 3;
  const throttled = hooked(world.table, {
    acquire: async (operate) => {
      if (throttles-- > 0) {
        throw new StoreThrottled();
      }
      return operate();
    },
  });
  const vended = await world.clock.run(world.environment(throttled).reject(REJECTION));
  expect(vended.token.value).toBe('token-1');
  expect(vended.at - START).toBe(50 + 80 + 128 + 350);
  expect(world.factsOf('lease_not_taken')).toMatchObject(Array(3).fill({ cause: 'rejection', reason: 'throttled' }));
});

test('where the table throttles its reads a rejection waits, and never decides on what is remembered', async () => {
  const table = new FaultyTable(world.table);
  table.failure = () => new StoreThrottled();
  const environment = world.environment(table.store);
  await world.clock.run(environment.vend(REQUEST));
  // Another environment forces a mint meanwhile, for a token that Fiskil refuses as well.
  await world.clock.run(world.environment().reject(REJECTION));
  table.failing.add('read');
  const call = environment.reject(REJECTION);
  await world.clock.advance(5_000);
  expect(world.minter.mints).toBe(1);
  table.failing.clear();
  expect((await world.clock.run(call)).token.value).toBe('token-1');
  table.failing.add('read');
  expect(await world.clock.run(codeOf(environment.reject(REJECTION)))).toBe('token_pending');
  expect(world.minter.mints).toBe(1);
});

test('a late copy of a forced acquire does not turn the last forced mint back', async () => {
  // Each is sent, and refused or lost; the copy arrives after another has forced a mint and given its lease back.
  const late: (() => Promise<unknown>)[] = [];
  const slow = hooked(world.table, {
    acquire: async (operate) => {
      late.push(operate);
      throw new StoreThrottled();
    },
  });
  const call = codeOf(world.environment(slow).reject(REJECTION));
  await world.clock.advance(10);
  await world.clock.advance(2_000);
  world.minter.answer = () => new TypeError('test');
  await world.clock.run(codeOf(world.environment().reject(REJECTION)));
  const forced = world.table.peek('default');
  expect(forced).toMatchObject({ forcedAt: START / 1_000 + 2, token: { value: 'stored' } });
  for (const arrive of late) await arrive();
  expect(world.table.peek('default')).toBe(forced);
  await world.clock.run(call);
});
