import { describe, expect, it } from '@jest/globals';
import { RetryBudget } from './retry-budget.js';

describe('RetryBudget', () => {
  it.each([
    [1, 3],
    [15, 3],
    [20, 4],
    [100, 20],
  ])('allows with %i requests in flight %i retries', (inFlight, expected) => {
    const budget = new RetryBudget();
    for (let index = 0; index < inFlight; index += 1) budget.enter();
    let taken = 0;
    while (budget.take()) taken += 1;
    expect(taken).toBe(expected);
  });

  it('gives back each place once', () => {
    const budget = new RetryBudget();
    const leave = budget.enter();
    const giveBack = budget.take();
    leave();
    leave();
    giveBack?.();
    giveBack?.();
    expect([budget.inFlight, budget.retries]).toEqual([0, 0]);
  });
});
