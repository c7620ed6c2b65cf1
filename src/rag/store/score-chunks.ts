import { toSparseVector } from '../lexical/lexeme.js';
import type { LegScores } from '../retrieval/fuse-legs.js';
import { toVectorText } from './chunk-rows.js';
import type { AnalysedQuery, SearchScope } from './lexical-search.js';
import type { SqlRunner } from './sql-runner.js';

/** Scores given chunks in both legs, so that a chunk found by one of them is judged by both. */
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
    `select l.chunk_id, -(l.lex <#> $4::sparsevec) as lexical, -(e.embedding <#> $5::vector) as dense
     from chunk_lexical l join chunk_embedding e on e.chunk_id = l.chunk_id
     where l.chunk_id = any($3::text[]) and l.project_id = $1 and l.collection_id = $2
       and e.project_id = $1 and e.collection_id = $2`,
    [scope.projectId, scope.collectionId, chunkIds, lexical, toVectorText(vector)],
  );
  return rows.map((row) => ({ chunkId: row.chunk_id, lexical: row.lexical, dense: row.dense }));
}
