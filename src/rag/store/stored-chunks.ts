import type { VersionKey } from './chunk-rows.js';
import type { SqlRunner } from './sql-runner.js';

/** Ids of the chunks of a version that are stored, each with whether it is embedded for the generation. */
export async function findStoredChunks(
  runner: SqlRunner,
  key: VersionKey,
  generation: number,
): Promise<{ id: string; isEmbedded: boolean }[]> {
  const rows = await runner.query<{ id: string; is_embedded: boolean }[]>(
    `select c.id, exists (select 1 from chunk_embedding e where e.chunk_id = c.id and e.generation = $4) as is_embedded
     from chunk c where c.project_id = $1 and c.document_id = $2 and c.version = $3`,
    [key.projectId, key.documentId, key.version, generation],
  );
  return rows.map((row) => ({ id: row.id, isEmbedded: row.is_embedded }));
}

/** The vectors that other versions of the document have for the same inputs, as text, by the hash of the input. */
export async function findKnownVectors(
  runner: SqlRunner,
  key: VersionKey,
  generation: number,
  inputHashes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await runner.query<{ input_hash: string; embedding: string }[]>(
    `select distinct on (input_hash) input_hash, embedding::text as embedding from chunk_embedding
     where project_id = $1 and collection_id = $2 and document_id = $3 and generation = $4 and input_hash = any($5::text[])
     order by input_hash, version`,
    [key.projectId, key.collectionId, key.documentId, generation, inputHashes],
  );
  return new Map(rows.map((row) => [row.input_hash, row.embedding]));
}
