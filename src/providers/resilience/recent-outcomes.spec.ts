import { describe, expect, it } from '@jest/globals';
import { RecentOutcomes } from './recent-outcomes.js';

describe('RecentOutcomes', () => {
  it.each([
    ['', 0],
    ['xxx', 0],
    ['xxxx', 1],
    ['x...', 0.25],
    ['x....', 0],
    ['....xx', 0.5],
    ['xxxx..x.', 0.25],
    ['x.x.x.x.x.x.x.x.', 0.5],
  ])('of four after %j it is %d', (outcomes, ratio) => {
    const recent = new RecentOutcomes(4);
    for (const outcome of outcomes) recent.add(outcome === 'x');
    expect(recent.failureRatio).toBe(ratio);
  });
});
