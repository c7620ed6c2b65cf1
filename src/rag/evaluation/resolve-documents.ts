import type { SqlRunner } from '../store/sql-runner.js';

/** Which documents of a collection the names in judgements mean. */
export interface ResolvedDocuments {
  /** Document ids by name. */
  ids: ReadonlyMap<string, string>;
  /** Names that are neither an id nor a source in the collection. */
  unknown: string[];
}

/** Looks names up as document ids, then as sources; of several documents of one source the newest is meant. */
export async function resolveDocuments(
  runner: SqlRunner,
  scope: { projectId: string; collectionId: string },
  names: readonly string[],
): Promise<ResolvedDocuments> {
  const rows = await runner.query<{ id: string; source: string }[]>(
    `select id, source from document where project_id = $1 and collection_id = $2 and (id = any($3) or source = any($3))
     order by created_at, id`,
    [scope.projectId, scope.collectionId, names],
  );
  const ids = new Map(rows.map((row) => [row.source, row.id]));
  for (const { id } of rows) ids.set(id, id);
  return { ids, unknown: names.filter((name) => !ids.has(name)) };
}
