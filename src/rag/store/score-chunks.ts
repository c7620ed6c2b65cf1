import { toSparseVector } from '../lexical/lexeme.js';
import type { LegScores } from '../retrieval/fuse-legs.js';
import { toVectorText } from './chunk-rows.js';
import type { AnalysedQuery } from './lexical-search.js';
import { scopeParameters, type SearchScope } from './search-scope.js';
import type { SqlRunner } from './sql-runner.js';

/**
 * Scores given chunks in both legs, so that a chunk found by one of them is judged by both. One without a vector of the
 * generation is as far as can be.
 */
export async function scoreChunks(
  runner: SqlRunner,
  scope: SearchScope,
  chunkIds: readonly string[],
  query: AnalysedQuery,
  vector: Float32Array,
): Promise<LegScores[]> {
  if (chunkIds.length === 0) return [];
  const lexical = toSparseVector(query.terms.map((term) => [term.lexeme, term.weight] as const));
  const rows = await runner.query<{ chunk_id: string; lexical: number; dense: number }[]>(
    `select l.chunk_id, -(l.lex <#> $4::sparsevec) as lexical, coalesce(-(e.embedding <#> $5::vector), 0) as dense
     from chunk_lexical l left join chunk_embedding e on e.chunk_id = l.chunk_id
       and e.project_id = $1 and e.collection_id = $2 and e.generation = $6
     where l.chunk_id = any($3::text[]) and l.project_id = $1 and l.collection_id = $2`,
    [...scopeParameters(scope), chunkIds, lexical, toVectorText(vector), scope.generation ?? 0],
  );
  return rows.map((row) => ({ chunkId: row.chunk_id, lexical: row.lexical, dense: row.dense }));
}
