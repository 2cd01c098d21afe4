import { beforeEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../lambda/vending/sha256';
import type { Vended } from '../../lambda/vending/vended';
import { World } from './world';

const REQUEST = { credential: 'default' };

/** Whatever a mint does to the tokens before it: after the crowd, what each caller holds is what Fiskil takes. */
describe.each([
  ['many tokens live', false],
  ['only the newest lives', true],
])('where %s', (_, onlyNewestLives) => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.minter.onlyNewestLives = onlyNewestLives;
  });

  const crowd = <T>(size: number, call: (n: number) => Promise<T>) =>
    world.clock.run(Promise.all(Array.from({ length: size }, (_, n) => call(n))));
  const refusedByFiskil = (vended: readonly Vended[]) =>
    vended.filter(({ token }) => !world.minter.live.has(token.value));

  test('a cold fleet of a hundred mints once, and all hold a live token', async () => {
    const vended = await crowd(100, () => world.environment().vend(REQUEST));
    expect([world.minter.mints, refusedByFiskil(vended)]).toEqual([1, []]);
  });

  test('callers who come while a tick replaces the token get one mint between them, and the next all a live token', async () => {
    const stored = world.store({ secondsLeft: 299 });
    world.minter.live.add(stored.value);
    const tick = world.environment().tick(['default']);
    await crowd(50, () => world.environment().vend(REQUEST));
    await world.clock.run(tick);
    const next = await crowd(50, () => world.environment().vend(REQUEST));
    expect([world.minter.mints, refusedByFiskil(next)]).toEqual([1, []]);
  });

  test('a hundred at a rollover without ticks mint once, and the next all get a live token', async () => {
    const stored = world.store({ secondsLeft: 100 });
    world.minter.live.add(stored.value);
    await crowd(100, () => world.environment().vend(REQUEST));
    const next = await crowd(50, () => world.environment().vend(REQUEST));
    expect([world.minter.mints, refusedByFiskil(next)]).toEqual([1, []]);
  });

  test('a storm of a thousand rejections, with callers in it, costs one mint, and all hold a live token', async () => {
    const { value } = world.store();
    const rejection = { ...REQUEST, tokenSha256: sha256(value) };
    const rejected = await crowd(1_000, (n) =>
      n % 10 === 0 ? world.environment().vend(REQUEST) : world.environment().reject(rejection),
    );
    // A caller who asked before the first rejection was written still got the old one.
    const answered = rejected.filter(({ token }, n) => n % 10 !== 0 || token.value !== value);
    expect([world.minter.mints, refusedByFiskil(answered)]).toEqual([1, []]);
  });
});
