import type { DataSource } from 'typeorm';
import { toVectorText } from './chunk-rows.js';
import type { LegHit } from './lexical-search.js';
import { compileScope, scopeParameters, type SearchScope } from './search-scope.js';
import type { SqlRunner } from './sql-runner.js';
import { indexedRows, indexedType, type VectorIndex } from './vector-index.js';

interface ScoreRow {
  chunk_id: string;
  score: number;
}

/** The nearest chunks by cosine similarity, by an exact scan of what the scope leaves. */
export async function searchDensely(
  runner: SqlRunner,
  scope: SearchScope,
  vector: Float32Array,
  limit: number,
): Promise<LegHit[]> {
  const parameters = scopeParameters(scope);
  parameters.push(toVectorText(vector), limit, scope.generation ?? 0);
  // The subquery has every vector compared once: written out again, as the score, it would be compared again.
  const rows = await runner.query<ScoreRow[]>(
    `select chunk_id, -distance as score from (
       select c.chunk_id, c.embedding <#> $3::vector as distance from chunk_embedding c
       where c.generation = $5 and ${compileScope(scope, parameters)}
       order by distance, c.chunk_id limit $4) nearest
     order by distance, chunk_id`,
    parameters,
  );
  return rows.map(toHit);
}

/** The smallest share of the nearest rows that the index looks at, as pgvector counts them. */
const MIN_EF_SEARCH = 100;
const MAX_EF_SEARCH = 1_000;
/** How many rows a search goes through at most before it is content with what passed the filter. */
const MAX_SCANNED = 100_000;

/**
 * The nearest chunks by an HNSW index, which may miss some of them. It goes on until enough have passed the filter, and the
 * scores are exact, also where the index holds them in half precision.
 */
export async function searchByIndex(
  dataSource: DataSource,
  scope: SearchScope,
  vector: Float32Array,
  options: { index: VectorIndex; limit: number },
): Promise<LegHit[]> {
  const { index, limit } = options;
  const type = indexedType(index);
  const parameters = scopeParameters(scope);
  parameters.push(toVectorText(vector), limit);
  const sql = `select c.chunk_id, -(c.embedding <#> $3::vector) as score from chunk_embedding c
    where ${indexedRows(index)} and ${compileScope(scope, parameters)}
    order by (c.embedding::${type}) <#> $3::${type} limit $4`;
  const efSearch = Math.min(MAX_EF_SEARCH, Math.max(MIN_EF_SEARCH, limit * 4));
  const rows = await dataSource.transaction(async (manager) => {
    // Only the index gives the order without sorting: with sorting discouraged no estimate makes the planner scan all.
    await manager.query(
      `select set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', $1, true),
         set_config('hnsw.max_scan_tuples', $2, true), set_config('enable_sort', 'off', true)`,
      [String(efSearch), String(MAX_SCANNED)],
    );
    return manager.query<ScoreRow[]>(sql, parameters);
  });
  return rows.map(toHit).sort((left, right) => right.score - left.score || (left.chunkId < right.chunkId ? -1 : 1));
}

function toHit(row: ScoreRow): LegHit {
  return { chunkId: row.chunk_id, score: row.score };
}
