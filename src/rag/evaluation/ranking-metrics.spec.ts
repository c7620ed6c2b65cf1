import { describe, expect, it } from '@jest/globals';
import { mean, meanScores, percentile, scoreRanking } from './ranking-metrics.js';

const relevance = new Map([
  ['best', 2],
  ['good', 1],
  ['bad', 0],
]);

describe('scoreRanking', () => {
  it('is 1 for the ideal ranking', () => {
    expect(scoreRanking(['best', 'good', 'other'], relevance)).toEqual({ ndcg10: 1, recall100: 1, mrr10: 1 });
  });

  it('discounts by the logarithm of the place, grades linear', () => {
    const { ndcg10, mrr10 } = scoreRanking(['bad', 'good', 'best'], relevance);
    expect(ndcg10).toBeCloseTo((1 / Math.log2(3) + 2 / 2) / (2 + 1 / Math.log2(3)), 12);
    expect(mrr10).toBe(0.5);
  });

  it('counts ten places for nDCG and the rank, a hundred for recall', () => {
    const padded = (count: number): string[] => [
      ...Array.from({ length: count }, (_, place) => `no-${String(place)}`),
      'best',
    ];
    expect(scoreRanking(padded(9), relevance).mrr10).toBeCloseTo(0.1, 12);
    expect(scoreRanking(padded(10), relevance)).toEqual({ ndcg10: 0, recall100: 0.5, mrr10: 0 });
    expect(scoreRanking(padded(100), relevance).recall100).toBe(0);
  });

  it('is 0 where nothing is relevant or found', () => {
    const nothing = { ndcg10: 0, recall100: 0, mrr10: 0 };
    expect(scoreRanking([], relevance)).toEqual(nothing);
    expect(scoreRanking(['bad'], new Map([['bad', 0]]))).toEqual(nothing);
  });
});

describe('sums over queries', () => {
  it('averages every score', () => {
    const scores = [
      { ndcg10: 1, recall100: 1, mrr10: 1 },
      { ndcg10: 0, recall100: 0.5, mrr10: 0.5 },
    ];
    expect(meanScores(scores)).toEqual({ ndcg10: 0.5, recall100: 0.75, mrr10: 0.75 });
    expect(mean([])).toBe(0);
  });

  it.each([
    [[3, 1, 2, 4], 0.5, 2],
    [[3, 1, 2, 4], 0.95, 4],
    [[7], 0.95, 7],
    [[], 0.95, 0],
  ])('percentile of %j at %d is %d', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });
});
