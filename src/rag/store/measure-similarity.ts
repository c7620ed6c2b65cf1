import { scopeParameters, type SearchScope } from './search-scope.js';
import type { SqlRunner } from './sql-runner.js';

/** How alike two chunks are, -1..1; 0 where one of them has no vector. */
export type Similarity = (left: string, right: string) => number;

/** Compares the vectors of some chunks with each other, in the database: the vectors themselves are many times larger. */
export async function measureSimilarity(
  runner: SqlRunner,
  scope: SearchScope,
  chunkIds: readonly string[],
): Promise<Similarity> {
  const rows = await runner.query<{ left_place: number; right_place: number; similarity: number }[]>(
    `with item as materialized (
       select c.embedding, array_position($3::text[], c.chunk_id) as place from chunk_embedding c
       where c.project_id = $1 and c.collection_id = $2 and c.generation = $4 and c.chunk_id = any($3::text[]))
     select a.place as left_place, b.place as right_place, -(a.embedding <#> b.embedding) as similarity
     from item a join item b on a.place < b.place`,
    [...scopeParameters(scope), chunkIds, scope.generation ?? 0],
  );
  const places = new Map(chunkIds.map((id, index) => [id, index + 1]));
  const known = new Map(rows.map((row) => [`${String(row.left_place)} ${String(row.right_place)}`, row.similarity]));
  return (left, right) => {
    const [first, second] = [places.get(left) ?? 0, places.get(right) ?? 0];
    if (first === second) return 1;
    return known.get(`${String(Math.min(first, second))} ${String(Math.max(first, second))}`) ?? 0;
  };
}
