import { inverseFrequency } from '../lexical/bm25.js';
import type { AnalysedQuery, QueryTerm } from './lexical-search.js';
import { scopeParameters, type SearchScope } from './search-scope.js';
import type { SqlRunner } from './sql-runner.js';

/** How many words are looked up: each costs a look through the index of trigrams. */
const MAX_WORDS = 8;
const MAX_TERMS_PER_WORD = 3;
/** Shorter words share trigrams with everything. */
const MIN_CHARACTERS = 4;
const MIN_SIMILARITY = 0.3;

interface SimilarRow {
  lexeme: string;
  df: number;
  similarity: number;
}

/**
 * For a query of which the collection knows no word: the same query with the most similar words that it does know, each
 * weighing by how similar it is, for typing mistakes and parts of identifiers. The query itself when nothing is similar.
 */
export async function withSimilarTerms(
  runner: SqlRunner,
  scope: SearchScope,
  query: AnalysedQuery,
): Promise<AnalysedQuery> {
  const wanted = query.words
    .flatMap((word) => word.lexemes.slice(0, 1))
    .filter((lexeme) => lexeme.length >= MIN_CHARACTERS)
    .slice(0, MAX_WORDS);
  if (wanted.length === 0) return query;
  const rows = await runner.query<SimilarRow[]>(
    `select s.lexeme, s.df, max(s.similarity)::float8 as similarity
     from unnest($3::text[]) as w(word)
     cross join lateral (
       select t.lexeme, t.df, similarity(t.lexeme, w.word) as similarity from lex_term t
       where t.project_id = $1 and t.collection_id = $2 and t.lexeme % w.word and similarity(t.lexeme, w.word) >= $4
       order by 3 desc, t.lexeme limit ${String(MAX_TERMS_PER_WORD)}) s
     group by s.lexeme, s.df order by s.lexeme`,
    [...scopeParameters(scope), wanted, MIN_SIMILARITY],
  );
  const terms: QueryTerm[] = rows.map(({ lexeme, df, similarity }) => ({
    lexeme,
    weight: inverseFrequency(query.count, df) * similarity,
    holders: df,
  }));
  return { ...query, terms };
}
