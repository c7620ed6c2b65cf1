import { toSparseVector } from '../lexical/lexeme.js';
import type { LegScores } from '../retrieval/fuse-legs.js';
import { toVectorText } from './chunk-rows.js';
import type { AnalysedQuery, LegHit } from './lexical-search.js';
import { scopeParameters, type SearchScope } from './search-scope.js';
import type { SqlRunner } from './sql-runner.js';

/**
 * Both scores of every chunk that one of the legs found, so that each is judged by both. Only what the other leg did not
 * find is asked for: it has to be compared once more, and most of the time of a search is comparing. A chunk without a
 * vector of the generation is as far as can be.
 */
export async function scoreChunks(
  runner: SqlRunner,
  scope: SearchScope,
  legs: { lexical: readonly LegHit[]; dense: readonly LegHit[] },
  { query, vector }: { query: AnalysedQuery; vector: Float32Array },
): Promise<LegScores[]> {
  const lexical = new Map(legs.lexical.map((hit) => [hit.chunkId, hit.score]));
  const dense = new Map(legs.dense.map((hit) => [hit.chunkId, hit.score]));
  const chunkIds = [...new Set([...lexical.keys(), ...dense.keys()])];
  const withoutLexical = chunkIds.filter((id) => !lexical.has(id));
  const withoutDense = chunkIds.filter((id) => !dense.has(id));
  if (withoutLexical.length + withoutDense.length > 0) {
    const weights = toSparseVector(query.terms.map((term) => [term.lexeme, term.weight] as const));
    const rows = await runner.query<{ chunk_id: string; is_lexical: boolean; score: number }[]>(
      `select l.chunk_id, true as is_lexical, -(l.lex <#> $5::sparsevec) as score from chunk_lexical l
       where l.chunk_id = any($3::text[]) and l.project_id = $1 and l.collection_id = $2
       union all
       select e.chunk_id, false, -(e.embedding <#> $6::vector) from chunk_embedding e
       where e.chunk_id = any($4::text[]) and e.project_id = $1 and e.collection_id = $2 and e.generation = $7`,
      [...scopeParameters(scope), withoutLexical, withoutDense, weights, toVectorText(vector), scope.generation ?? 0],
    );
    for (const row of rows) (row.is_lexical ? lexical : dense).set(row.chunk_id, row.score);
  }
  return chunkIds.map((chunkId) => ({
    chunkId,
    lexical: lexical.get(chunkId) ?? 0,
    dense: dense.get(chunkId) ?? 0,
  }));
}
