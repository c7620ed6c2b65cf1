import { describe, expect, it } from '@jest/globals';
import { usageOfTurns } from './conversation-usage.js';

const shape = {
  ...{ turns: 3, systemTokens: 100, inputTokensPerTurn: 20, outputTokensPerTurn: 50 },
  ...{ sendsHistory: true, cachedShare: 0 },
};

describe(usageOfTurns.name, () => {
  it('grows by what was said before', () => {
    expect(usageOfTurns(shape).map(({ input, output }) => [input, output])).toEqual([
      [120, 50],
      [190, 50],
      [260, 50],
    ]);
  });

  it('reads from the cache what was sent before, and nothing at first', () => {
    const turns = usageOfTurns({ ...shape, cachedShare: 0.5 });
    expect(turns.map(({ input, cachedInput }) => [input, cachedInput])).toEqual([
      [120, 0],
      [105, 85],
      [140, 120],
    ]);
  });

  it('stays the same without history', () => {
    const turns = usageOfTurns({ ...shape, sendsHistory: false, cachedShare: 1 });
    expect(turns.map(({ input, cachedInput }) => [input, cachedInput])).toEqual([
      [120, 0],
      [20, 100],
      [20, 100],
    ]);
  });
});
