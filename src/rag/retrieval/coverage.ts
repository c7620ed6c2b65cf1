import { inverseFrequency } from '../lexical/bm25.js';
import type { AnalysedQuery, QueryWord } from '../store/lexical-search.js';

/** How many of the best hits are looked at. */
export const COVERAGE_HITS = 3;
// A few documents say little about how rare a word is: these many are imagined besides, one of which holds any word.
const IMAGINED_CHUNKS = 20;
const IMAGINED_HOLDERS = 1;

/**
 * The share of a query's weight that the best of its first hits holds, 0..1: every word weighs by how rare it is, words
 * that no document holds most. `matches` are the lexemes of the query that each hit holds. 0 when the query has no words
 * that mean anything.
 */
export function measureCoverage(query: AnalysedQuery, matches: readonly ReadonlySet<string>[]): number {
  const weigh = (word: QueryWord): number =>
    word.boost * inverseFrequency(query.count + IMAGINED_CHUNKS, word.holders + IMAGINED_HOLDERS);
  const total = query.words.reduce((sum, word) => sum + weigh(word), 0);
  if (total === 0) return 0;
  const shares = matches.slice(0, COVERAGE_HITS).map((matched) => {
    const held = query.words.filter((word) => word.lexemes.some((lexeme) => matched.has(lexeme)));
    return held.reduce((sum, word) => sum + weigh(word), 0) / total;
  });
  return Math.max(0, ...shares);
}
