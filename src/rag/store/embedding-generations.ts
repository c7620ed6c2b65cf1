import { holdAttempts } from '../../jobs/hold-attempts.js';
import type { AttemptKey } from '../../jobs/job-store.js';
import { insertEmbeddings, type ChunkDraft, type VersionKey } from './chunk-rows.js';
import type { SqlRunner } from './sql-runner.js';

/** The vectors of one generation of a collection. */
export interface GenerationKey {
  projectId: string;
  collectionId: string;
  generation: number;
}

/** A chunk that searches see and that has no vector of a generation yet. */
export interface UnembeddedChunk extends VersionKey {
  id: string;
  ordinal: number;
  title: string | null;
  headingPath: string | null;
  text: string;
}

const VISIBLE = `document d join chunk c
  on c.project_id = d.project_id and c.document_id = d.id and c.version = d.current_version
  where d.project_id = $1 and d.collection_id = $2`;
const IS_EMBEDDED = `exists (select 1 from chunk_embedding e where e.chunk_id = c.id and e.generation = $3)`;

function parametersOf({ projectId, collectionId, generation }: GenerationKey): unknown[] {
  return [projectId, collectionId, generation];
}

/** How many chunks searches see, and how many of them have a vector of the generation. */
export async function countEmbedded(
  runner: SqlRunner,
  key: GenerationKey,
): Promise<{ chunks: number; embedded: number }> {
  const rows = await runner.query<{ chunks: number; embedded: number }[]>(
    `select count(*)::int as chunks, count(*) filter (where ${IS_EMBEDDED})::int as embedded from ${VISIBLE}`,
    parametersOf(key),
  );
  return rows[0] ?? { chunks: 0, embedded: 0 };
}

/** Some chunks without a vector of the generation, in the order of documents; `after` is the last one of the page before. */
export async function findUnembedded(
  runner: SqlRunner,
  key: GenerationKey,
  after: Pick<UnembeddedChunk, 'documentId' | 'ordinal'> | null,
  limit: number,
): Promise<UnembeddedChunk[]> {
  const rows = await runner.query<UnembeddedRow[]>(
    `select c.id, c.document_id, c.version, c.ordinal, c.heading_path, c.text, (
       select v.title from document_version v
       where v.project_id = c.project_id and v.document_id = c.document_id and v.version = c.version) as title
     from ${VISIBLE} and d.id >= $4 and (c.document_id, c.ordinal) > ($4, $5) and not ${IS_EMBEDDED}
     order by c.document_id, c.ordinal limit $6`,
    [...parametersOf(key), after?.documentId ?? '', after?.ordinal ?? -1, limit],
  );
  const { projectId, collectionId } = key;
  return rows.map((row) => ({
    ...{ projectId, collectionId, documentId: row.document_id, version: row.version },
    ...{ id: row.id, ordinal: row.ordinal, title: row.title, headingPath: row.heading_path, text: row.text },
  }));
}

interface UnembeddedRow {
  id: string;
  document_id: string;
  version: number;
  ordinal: number;
  heading_path: string | null;
  text: string;
  title: string | null;
}

type Vector = VersionKey & Pick<ChunkDraft, 'id' | 'embedding' | 'inputHash' | 'generation'>;

/**
 * Stores vectors of chunks that are still there. Runs in a transaction, and keeps the documents from being deleted or
 * replaced until that ends, so that no vector is left without its chunk. False when the attempt is over.
 */
export async function storeVectors(
  runner: SqlRunner,
  attempt: AttemptKey,
  vectors: readonly Vector[],
): Promise<boolean> {
  const held = await holdAttempts(runner, [attempt]);
  if (!held.has(attempt.id)) return false;
  const projects = vectors.map((vector) => vector.projectId);
  const documents = vectors.map((vector) => vector.documentId);
  await runner.query(
    `select 1 from document where (project_id, id) in (select * from unnest($1::text[], $2::text[]))
     order by project_id, id for key share`,
    [projects, documents],
  );
  const rows = await runner.query<{ id: string }[]>(
    `select id from chunk where (project_id, document_id, id) in (select * from unnest($1::text[], $2::text[], $3::text[]))`,
    [projects, documents, vectors.map((vector) => vector.id)],
  );
  const there = new Set(rows.map(({ id }) => id));
  await insertEmbeddings(
    runner,
    vectors.filter(({ id }) => there.has(id)),
  );
  return true;
}

/**
 * Makes the next generation the one that searches use, when every chunk they see has its vector. Runs in a transaction that
 * nobody publishes to the collection beside. False when chunks are missing, null when the attempt or the switch is over.
 */
export async function switchGeneration(
  runner: SqlRunner,
  attempt: AttemptKey,
  key: GenerationKey,
): Promise<boolean | null> {
  const held = await holdAttempts(runner, [attempt]);
  const locked = await runner.query<unknown[]>(
    `select 1 from collection where project_id = $1 and id = $2 and embedding_job_id = $3 for update`,
    [key.projectId, key.collectionId, attempt.id],
  );
  if (!held.has(attempt.id) || locked.length === 0) return null;
  const { chunks, embedded } = await countEmbedded(runner, key);
  if (embedded < chunks) return false;
  await runner.query(
    `update collection set embedding_model = next_embedding_model, embedding_target = next_embedding_target,
       embedding_dimensions = next_embedding_dimensions, embedding_generation = $3, next_embedding_model = null,
       next_embedding_target = null, next_embedding_dimensions = null, embedding_job_id = null
     where project_id = $1 and id = $2`,
    parametersOf(key),
  );
  return true;
}

/**
 * Removes some vectors of generations that searches do not use any more; how many there were. Runs in a transaction, and
 * alone in the collection: who deletes the same vectors in another order would wait for this, and this for him.
 */
export async function removeRetired(runner: SqlRunner, key: GenerationKey, limit: number): Promise<number> {
  await runner.query(`select 1 from collection where project_id = $1 and id = $2 for update`, [
    key.projectId,
    key.collectionId,
  ]);
  const removed = await runner.query<[unknown[], number]>(
    `delete from chunk_embedding where ctid = any (array(
       select ctid from chunk_embedding where project_id = $1 and collection_id = $2 and generation < $3 limit $4))`,
    [...parametersOf(key), limit],
  );
  return removed[1];
}

/** Gives up what a job built of the next generation; what the job has switched to already stays. Runs in a transaction. */
export async function rollBackGeneration(
  runner: SqlRunner,
  jobId: string,
  { projectId, collectionId }: Pick<GenerationKey, 'projectId' | 'collectionId'>,
): Promise<void> {
  const rows = await runner.query<{ embedding_generation: number; embedding_job_id: string | null }[]>(
    `select embedding_generation, embedding_job_id from collection where project_id = $1 and id = $2 for update`,
    [projectId, collectionId],
  );
  const collection = rows[0];
  if (!collection) return;
  const isBuilding = collection.embedding_job_id === jobId;
  await runner.query(
    `delete from chunk_embedding where project_id = $1 and collection_id = $2 and generation ${isBuilding ? '>' : '<'} $3`,
    [projectId, collectionId, collection.embedding_generation],
  );
  if (!isBuilding) return;
  await runner.query(
    `update collection set next_embedding_model = null, next_embedding_target = null, next_embedding_dimensions = null,
       embedding_job_id = null where project_id = $1 and id = $2`,
    [projectId, collectionId],
  );
}
