import { describe, expect, it } from '@jest/globals';
import { readWaitText } from './read-wait-text.js';

describe(readWaitText.name, () => {
  it.each([
    ['Requests have exceeded the call rate limit. Please retry after 26 seconds.', 26_000],
    ['Please retry after 1 second. Please contact Azure support.', 1_000],
    ['Rate limit reached. Please try again in 20ms. Visit us.', 20],
    ['Please try again in 1.5s.', 1_500],
    ['Please try again in 6m0s.', 360_000],
    ['Please try again in 2m.', 120_000],
    ['Retry in 3 milliseconds', 3],
    ['Please retry after some time.', undefined],
    ['Too many requests.', undefined],
  ])('%s: %p', (message, waitMs) => {
    expect(readWaitText(message)).toBe(waitMs);
  });
});
