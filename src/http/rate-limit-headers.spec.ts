import { expect, it } from '@jest/globals';
import { toGoDuration } from './rate-limit-headers.js';

it.each([
  [-5, '0s'],
  [0, '0s'],
  [0.2, '1ms'],
  [17, '17ms'],
  [999.1, '1s'],
  [1_000, '1s'],
  [5_020, '5.02s'],
  [59_999, '59.999s'],
  [60_000, '1m0s'],
  [61_500, '1m1.5s'],
  [360_000, '6m0s'],
  [3_600_000, '1h0m0s'],
])('writes %d ms as %s', (ms, text) => {
  expect(toGoDuration(ms)).toBe(text);
});
