import { beforeEach, expect, test } from '@jest/globals';
import type { Engine } from '../../lambda/vending/engine';
import { VendingError } from '../../lambda/vending/errors';
import { codeOf, World } from './world';

/** While Fiskil's refusal of a pair is believed, each caller would like to know whether the secret has been repaired. */

const REQUEST = { credential: 'default' };

let world: World;
let environment: Engine;
beforeEach(async () => {
  world = new World();
  environment = world.environment();
  world.minter.fail('credentials_rejected');
  await world.clock.run(codeOf(environment.vend(REQUEST)));
  world.secrets.reads = 0;
});

const vend = () => world.clock.run(codeOf(environment.vend(REQUEST)));

test('each looks once, and none mints while the secret is as it was', async () => {
  expect(await vend()).toBe('credentials_rejected');
  expect(await vend()).toBe('credentials_rejected');
  expect(world.secrets.reads).toBe(2);
  expect(world.minter.mints).toBe(1);
});

test('they are told of the refusal also where Secrets Manager is away, and nothing is minted', async () => {
  world.secrets.failure = new VendingError('secret_unavailable', 'test');
  expect(await vend()).toBe('credentials_rejected');
  expect(world.minter.mints).toBe(1);
});
