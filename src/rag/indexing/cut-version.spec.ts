import { describe, expect, it } from '@jest/globals';
import { createPageFinder } from './cut-version.js';

describe('createPageFinder', () => {
  it('finds the page of growing offsets; what lies between two pages belongs to the next', () => {
    const pageOf = createPageFinder([
      { start: 0, end: 10 },
      { start: 12, end: 12 },
      { start: 14, end: 20 },
    ]);
    expect([0, 9, 10, 14, 19, 20, 99].map(pageOf)).toEqual([1, 1, 2, 3, 3, 3, 3]);
  });

  it.each([[null], [[]]])('knows no page of %j', (pages) => {
    expect(createPageFinder(pages)(5)).toBeNull();
  });
});
