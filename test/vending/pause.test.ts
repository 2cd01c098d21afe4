import { expect, test } from '@jest/globals';
import { pauseBefore } from '../../lambda/vending/pause';

test('the pauses of one who waits grow to half a second', () => {
  const pauses = Array.from({ length: 8 }, (_, looks) => Math.round(pauseBefore(looks, 0)));
  expect(pauses).toEqual([50, 80, 128, 205, 328, 500, 500, 500]);
});

test('each is shortened by up to half, so that those who wait spread', () => {
  expect(pauseBefore(0, 0.5)).toBe(37.5);
  expect(pauseBefore(0, 0.999)).toBeCloseTo(25, 1);
});
