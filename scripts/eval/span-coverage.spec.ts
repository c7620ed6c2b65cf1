import { describe, expect, it } from '@jest/globals';
import { isWithin, scoreSpans } from './span-coverage.js';

const at = (start: number, end: number, document = 'a'): { document: string; start: number; end: number } => ({
  document,
  start,
  end,
});

describe('scoreSpans', () => {
  it.each([
    ['all of it', [at(10, 20)], [at(0, 40)], 1, 10 / 40],
    ['nothing', [at(10, 20)], [at(20, 30)], 0, 0],
    ['half', [at(10, 20)], [at(15, 25)], 0.5, 5 / 15],
    ['another document', [at(10, 20)], [at(10, 20, 'b')], 0, 0],
    ['overlaps once', [at(0, 10), at(5, 15)], [at(0, 8), at(4, 12)], 12 / 15, 12 / 15],
    ['two documents', [at(0, 10), at(0, 10, 'b')], [at(0, 10, 'b')], 0.5, 0.5],
    ['no gold', [], [at(0, 10)], 0, 0],
  ])('finds %s', (_name, gold, found, recall, iou) => {
    const scores = scoreSpans(gold, found);
    expect(scores.recall).toBeCloseTo(recall, 12);
    expect(scores.iou).toBeCloseTo(iou, 12);
  });
});

describe('isWithin', () => {
  it('wants the whole span in one of the others', () => {
    expect(isWithin(at(5, 10), [at(0, 4), at(5, 10)])).toBe(true);
    expect(isWithin(at(5, 10), [at(0, 7), at(7, 12)])).toBe(false);
    expect(isWithin(at(5, 10), [at(0, 20, 'b')])).toBe(false);
  });
});
