import { describe, expect, it } from '@jest/globals';
import { areaUnderCurve } from './area-under-curve.js';

describe('areaUnderCurve', () => {
  it.each([
    ['apart', [0.8, 0.9], [0.1, 0.2], 1],
    ['upside down', [0.1], [0.9], 0],
    ['one pair of four wrong', [0.3, 0.9], [0.1, 0.5], 0.75],
    ['all the same', [1, 1, 1], [1, 1], 0.5],
    ['decisions only', [1, 1, 0], [0, 0, 1], 2 / 3],
    ['nothing to compare', [], [0.5], 0.5],
  ])('%s', (_name, positives, negatives, expected) => {
    expect(areaUnderCurve(positives, negatives)).toBeCloseTo(expected, 12);
  });

  it('is the share of pairs in the right order', () => {
    const positives = [5, 3, 3, 8, 1];
    const negatives = [2, 3, 0, 8];
    const points = positives.flatMap((one) => negatives.map((other) => (one > other ? 1 : Number(one === other) / 2)));
    const share = points.reduce((sum, point) => sum + point, 0) / points.length;
    expect(areaUnderCurve(positives, negatives)).toBeCloseTo(share, 12);
  });
});
