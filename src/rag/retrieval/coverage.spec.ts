import { describe, expect, it } from '@jest/globals';
import { pickCandidateTerms } from '../store/lexical-search.js';
import { measureCoverage } from './coverage.js';

const QUERY = {
  count: 100,
  terms: [],
  wordWeights: new Map<string, number>(),
  words: [
    { lexemes: ['common'], holders: 90, boost: 1 },
    { lexemes: ['rare'], holders: 2, boost: 1 },
    { lexemes: ['unknown'], holders: 0, boost: 1 },
  ],
};

describe('measureCoverage', () => {
  it('counts rare words more than common ones', () => {
    const common = measureCoverage(QUERY, [new Set(['common'])]);
    const rare = measureCoverage(QUERY, [new Set(['rare'])]);
    expect(common).toBeLessThan(0.1);
    expect(rare).toBeGreaterThan(0.35);
  });

  it('takes the best of the first three hits', () => {
    const best = new Set(['common', 'rare']);
    expect(measureCoverage(QUERY, [new Set(), new Set(), best])).toBe(measureCoverage(QUERY, [best]));
    expect(measureCoverage(QUERY, [new Set(), new Set(), new Set(), best])).toBe(0);
  });

  it('is 0 when the query has no words that mean anything', () => {
    expect(measureCoverage({ ...QUERY, words: [] }, [new Set(['rare'])])).toBe(0);
  });
});

describe('pickCandidateTerms', () => {
  const term = (lexeme: string, holders: number): { lexeme: string; weight: number; holders: number } => ({
    lexeme,
    weight: 1,
    holders,
  });

  it.each([
    ['takes the two rarest at least', [term('a', 5_000), term('b', 4_000), term('c', 9_000)], ['b', 'a']],
    [
      'goes on while there are few holders',
      [term('a', 10), term('b', 20), term('c', 30), term('d', 2_000)],
      ['a', 'b', 'c'],
    ],
    ['takes all of a short query', [term('a', 3)], ['a']],
  ])('%s', (_name, terms, expected) => {
    expect(pickCandidateTerms({ ...QUERY, count: 10_000, terms })).toEqual(expected);
  });
});
