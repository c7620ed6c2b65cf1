import { inverseFrequency } from '../lexical/bm25.js';
import { quoteLexeme, toSparseVector } from '../lexical/lexeme.js';
import { toSearchText } from '../lexical/search-text.js';
import { splitWords } from '../../core/text/split-words.js';
import { compileScope, scopeParameters, type SearchScope } from './search-scope.js';
import type { SqlRunner } from './sql-runner.js';

/** A chunk as one leg found it. */
export interface LegHit {
  chunkId: string;
  score: number;
}

/** A lexeme of a query that some chunk holds. */
export interface QueryTerm {
  lexeme: string;
  /** Its inverse document frequency. */
  weight: number;
  /** How many chunks hold it. */
  holders: number;
}

/** A word of a query that means something. */
export interface QueryWord {
  /** Its forms in the languages of the collection. */
  lexemes: string[];
  /** How many chunks hold one of them. */
  holders: number;
  /** How many of the queries hold it. */
  boost: number;
}

/** A query after analysis: what its words weigh in this collection. */
export interface AnalysedQuery {
  terms: QueryTerm[];
  /** The words of the query that are no stop words. */
  words: QueryWord[];
  /** Weight of each word in lower case, unknown ones at most, stop words at 0. */
  wordWeights: Map<string, number>;
  /** Number of chunks in the collection. */
  count: number;
}

/** Collections under this size are scanned: looking for candidates first would not pay. */
const SCAN_BELOW = 2_000;
const MAX_QUERY_WORDS = 256;
const MAX_CONFIGS = 4;
interface WordRow {
  word: string;
  config: string;
  lexeme: string | null;
  df: number;
}

/** Analyses queries that are searched together with the text search configurations that the collection's chunks were indexed with. */
export async function analyseQuery(
  runner: SqlRunner,
  scope: SearchScope,
  queries: readonly string[],
): Promise<AnalysedQuery> {
  const boosts = countQueries(queries);
  const stats = await runner.query<{ search_config: string; n: number }[]>(
    `select search_config, n from lex_stats where project_id = $1 and collection_id = $2 and n > 0 order by n desc`,
    [scope.projectId, scope.collectionId],
  );
  const count = stats.reduce((sum, row) => sum + row.n, 0);
  const configs = stats.slice(0, MAX_CONFIGS).map((row) => row.search_config);
  if (count === 0 || boosts.size === 0) return { terms: [], words: [], wordWeights: new Map(), count };
  const rows = await runner.query<WordRow[]>(
    `select w.word, g.config, l.lexeme, coalesce(t.df, 0) as df
     from unnest($3::text[]) with ordinality as w(word, place)
     cross join unnest($4::text[]) with ordinality as g(config, rank)
     left join lateral unnest(tsvector_to_array(to_tsvector(g.config::regconfig, w.word))) as l(lexeme) on true
     left join lex_term t on t.project_id = $1 and t.collection_id = $2 and t.lexeme = l.lexeme
     order by w.place, g.rank, l.lexeme`,
    [scope.projectId, scope.collectionId, [...boosts.keys()], configs],
  );
  return weighQuery(rows, count, boosts);
}

// How many of the queries hold a word: those that several hold count more.
function countQueries(queries: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const query of queries) {
    for (const word of new Set(splitWords(toSearchText(query)))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return new Map([...counts].slice(0, MAX_QUERY_WORDS));
}

// The language of the query is the one whose stop words it uses most; the collection's main one when that is open.
function mainConfig(rows: readonly WordRow[]): string | undefined {
  const stopWords = new Map<string, number>();
  for (const row of rows) {
    stopWords.set(row.config, (stopWords.get(row.config) ?? 0) + (row.lexeme === null ? 1 : 0));
  }
  return [...stopWords].sort(([, left], [, right]) => right - left)[0]?.[0];
}

function weighQuery(rows: readonly WordRow[], count: number, boosts: ReadonlyMap<string, number>): AnalysedQuery {
  const main = mainConfig(rows);
  const terms = new Map<string, QueryTerm>();
  const words: AnalysedQuery['words'] = [];
  const wordWeights = new Map<string, number>();
  for (const [word, variants] of Map.groupBy(rows, (row) => row.word)) {
    if (variants.some((row) => row.config === main && row.lexeme === null)) {
      wordWeights.set(word, 0);
      continue;
    }
    const known = new Map(variants.flatMap((row) => (row.lexeme === null ? [] : [[row.lexeme, row.df] as const])));
    // All forms of a word weigh the same, or the one that only a few documents of another language hold would win.
    const holders = sum(known.values());
    const boost = boosts.get(word) ?? 1;
    const weight = inverseFrequency(count, holders) * boost;
    for (const [lexeme, holding] of known) {
      if (holding > 0) terms.set(lexeme, { lexeme, weight, holders: holding });
    }
    wordWeights.set(word, weight);
    words.push({ lexemes: [...known.keys()], holders, boost });
  }
  return { terms: [...terms.values()], words, wordWeights, count };
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/**
 * The best chunks by BM25. Candidates are found by the rarest terms; all terms score. Where a filter leaves few documents
 * all of their chunks are candidates: the rarest terms may be in none of them.
 */
export async function searchLexically(
  runner: SqlRunner,
  scope: SearchScope,
  query: AnalysedQuery,
  limit: number,
): Promise<LegHit[]> {
  if (query.terms.length === 0) return [];
  const parameters = scopeParameters(scope);
  parameters.push(toSparseVector(query.terms.map((term) => [term.lexeme, term.weight] as const)), limit);
  const isScan = query.count < SCAN_BELOW || scope.documents?.kind === 'few';
  if (!isScan) parameters.push(pickCandidateTerms(query).map(quoteLexeme).join(' | '));
  // What has no score is left out at the end: asked of every chunk, it would be scored twice.
  const rows = await runner.query<{ chunk_id: string; score: number }[]>(
    `select * from (
       select c.chunk_id, -(c.lex <#> $3::sparsevec) as score from chunk_lexical c
       where ${isScan ? '' : 'c.tsv @@ $5::tsquery and '}${compileScope(scope, parameters)}
       order by score desc, c.chunk_id limit $4
     ) scored where score > 0 order by score desc, chunk_id`,
    parameters,
  );
  return rows.map((row) => ({ chunkId: row.chunk_id, score: row.score }));
}

/** The rarest terms: at least two, and on until they have enough holders between them. */
export function pickCandidateTerms(query: AnalysedQuery): string[] {
  const enough = Math.max(1_000, query.count * 0.05);
  const picked: string[] = [];
  let holders = 0;
  for (const term of [...query.terms].sort((left, right) => left.holders - right.holders)) {
    if (picked.length >= 2 && holders + term.holders > enough) break;
    picked.push(term.lexeme);
    holders += term.holders;
  }
  return picked;
}
