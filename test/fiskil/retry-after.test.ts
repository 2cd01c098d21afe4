import { expect, test } from '@jest/globals';
import { retryAfterSeconds } from '../../lambda/fiskil/retry-after';

const NOW = Date.parse('2026-11-25T07:00:00.500Z');

test.each([
  ['nothing', null, undefined],
  ['seconds', '120', 120],
  ['no wait at all', '0', 0],
  ['seconds between spaces', ' 7 ', 7],
  ['a date to come, rounded up to whole seconds', 'Wed, 25 Nov 2026 07:02:00 GMT', 120],
  ['a date that has gone by', 'Wed, 25 Nov 2026 06:00:00 GMT', 0],
  ['a fraction', '1.5', undefined],
  ['less than nothing', '-5', undefined],
  ['a word', 'later', undefined],
  ['an empty text', '', undefined],
  ['more digits than any wait has', '9'.repeat(400), undefined],
])('a Retry-After of %s', (_what, header, seconds) => {
  expect(retryAfterSeconds(header, NOW)).toBe(seconds);
});
