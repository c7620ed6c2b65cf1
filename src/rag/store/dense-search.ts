import { toVectorText } from './chunk-rows.js';
import { IS_VISIBLE, type LegHit, type SearchScope } from './lexical-search.js';
import type { SqlRunner } from './sql-runner.js';

/** The nearest chunks by cosine similarity, by an exact scan of the collection. */
export async function searchDensely(
  runner: SqlRunner,
  scope: SearchScope,
  vector: Float32Array,
  limit: number,
): Promise<LegHit[]> {
  const rows = await runner.query<{ chunk_id: string; score: number }[]>(
    `select c.chunk_id, -(c.embedding <#> $3::vector) as score from chunk_embedding c
     where c.project_id = $1 and c.collection_id = $2 and ${IS_VISIBLE}
     order by c.embedding <#> $3::vector, c.chunk_id limit $4`,
    [scope.projectId, scope.collectionId, toVectorText(vector), limit],
  );
  return rows.map((row) => ({ chunkId: row.chunk_id, score: row.score }));
}
