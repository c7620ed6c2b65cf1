import type { VersionWrite } from './publish-versions.js';
import type { SqlRunner } from './sql-runner.js';

/** One of the versions that has not as many chunks, embedded for its generation, as it should have; null when all have. */
export async function findIncomplete(
  runner: SqlRunner,
  versions: readonly { version: VersionWrite; chunkCount: number }[],
): Promise<VersionWrite | null> {
  if (versions.length === 0) return null;
  const rows = await runner.query<{ place: number }[]>(
    `select w.place::int as place
     from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::int[]) with ordinality
       as w(project_id, collection_id, document_id, version, generation, expected, place)
     where w.expected <> (
       select count(*) from chunk_embedding e join chunk c on c.id = e.chunk_id
       where e.project_id = w.project_id and e.collection_id = w.collection_id and e.document_id = w.document_id
         and e.version = w.version and e.generation = w.generation)
     limit 1`,
    [
      versions.map(({ version }) => version.projectId),
      versions.map(({ version }) => version.collectionId),
      versions.map(({ version }) => version.documentId),
      versions.map(({ version }) => version.version),
      versions.map(({ version }) => version.generation),
      versions.map(({ chunkCount }) => chunkCount),
    ],
  );
  const row = rows[0];
  return row ? (versions[row.place - 1]?.version ?? null) : null;
}
