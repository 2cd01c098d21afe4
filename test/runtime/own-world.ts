import { afterEach, beforeAll, beforeEach } from '@jest/globals';
import { buildTask, RuntimeWorld } from './runtime-world';

/** Opens a world for each test of a file, and closes it after. The function is bundled once. */
export function eachInItsOwnWorld(enter: (world: RuntimeWorld) => void): void {
  let task: string;
  let world: RuntimeWorld;
  beforeAll(() => {
    task = buildTask('handler');
  });
  beforeEach(async () => {
    world = await RuntimeWorld.open(task);
    enter(world);
  });
  afterEach(() => world.close());
}
