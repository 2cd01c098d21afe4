import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { gather } from '../../local/gather';

test('hands over what came in one turn together, in order, and what comes later by itself', async () => {
  const handled: string[][] = [];
  const take = gather<string>(setImmediate, (all) => handled.push([...all]));
  take('a');
  await Promise.resolve().then(() => take('b'));
  expect(handled).toEqual([]);
  await turn();
  expect(handled).toEqual([['a', 'b']]);
  take('c');
  await turn();
  expect(handled).toEqual([['a', 'b'], ['c']]);
});

test('hands over in the next turn what came while it did', async () => {
  const handled: string[][] = [];
  const take = gather<string>(setImmediate, (all) => {
    handled.push([...all]);
    if (all.includes('a')) take('b');
  });
  take('a');
  await turn();
  await turn();
  expect(handled).toEqual([['a'], ['b']]);
});
