import type { VersionKey } from './chunk-rows.js';
import { moveStatistics } from './publish-versions.js';
import type { SqlRunner } from './sql-runner.js';

/** Removes a document with all its versions and takes it out of the statistics. False when there is none. */
export async function deleteDocument(runner: SqlRunner, projectId: string, documentId: string): Promise<boolean> {
  const document = await lockDocument(runner, projectId, documentId);
  if (!document) return false;
  const key = { projectId, collectionId: document.collection_id, documentId };
  if (document.current_version > 0) {
    await moveStatistics(runner, [{ ...key, version: 0, previous: document.current_version }], 1);
  }
  const where = `where project_id = $1 and document_id = $2`;
  for (const table of ['chunk_embedding', 'chunk_lexical']) {
    await runner.query(`delete from ${table} ${where} and collection_id = $3`, [
      projectId,
      documentId,
      key.collectionId,
    ]);
  }
  for (const table of ['chunk', 'document_version']) {
    await runner.query(`delete from ${table} ${where}`, [projectId, documentId]);
  }
  await runner.query(`delete from document where project_id = $1 and id = $2`, [projectId, documentId]);
  return true;
}

// The collection before the document, as everybody takes them: whoever counts its terms anew waits, and is waited for.
async function lockDocument(
  runner: SqlRunner,
  projectId: string,
  documentId: string,
): Promise<{ collection_id: string; current_version: number } | undefined> {
  await runner.query(
    `select 1 from collection c join document d on d.project_id = c.project_id and d.collection_id = c.id
     where d.project_id = $1 and d.id = $2 for key share of c`,
    [projectId, documentId],
  );
  const rows = await runner.query<{ collection_id: string; current_version: number }[]>(
    `select collection_id, current_version from document where project_id = $1 and id = $2 for update`,
    [projectId, documentId],
  );
  return rows[0];
}

/**
 * Removes the stored chunks of a job's version that will not become visible; one that is visible already keeps them, and so
 * does one of the same number that another job was given after the document was deleted.
 */
export async function discardChunks(
  runner: SqlRunner,
  version: Pick<VersionKey, 'projectId' | 'documentId' | 'version'>,
  jobId: string | null,
): Promise<void> {
  const owner = [version.projectId, version.documentId, version.version];
  // Before any row that deleting the document takes, too: each would wait for the other.
  await lockDocument(runner, version.projectId, version.documentId);
  const pending = await runner.query<{ collection_id: string }[]>(
    `select collection_id from document_version
     where project_id = $1 and document_id = $2 and version = $3 and status = 'pending'
       and ($4::text is null or job_id = $4) for update`,
    [...owner, jobId],
  );
  const row = pending[0];
  if (!row) return;
  for (const table of ['chunk_embedding', 'chunk_lexical']) {
    await runner.query(
      `delete from ${table} where project_id = $1 and document_id = $2 and version = $3 and collection_id = $4`,
      [...owner, row.collection_id],
    );
  }
  await runner.query(`delete from chunk where project_id = $1 and document_id = $2 and version = $3`, owner);
}

/** Removes a version that its job ended without, with its file; one that is visible already, or another job's, stays. */
export async function discardVersion(
  runner: SqlRunner,
  version: Pick<VersionKey, 'projectId' | 'documentId' | 'version'>,
  jobId: string,
): Promise<void> {
  await discardChunks(runner, version, jobId);
  await runner.query(
    `delete from document_version
     where project_id = $1 and document_id = $2 and version = $3 and status = 'pending' and job_id = $4`,
    [version.projectId, version.documentId, version.version, jobId],
  );
}

/** Removes a collection with everything in it. False when there is none. */
export async function deleteCollection(runner: SqlRunner, projectId: string, collectionId: string): Promise<boolean> {
  const owner = [projectId, collectionId];
  const found = await runner.query<unknown[]>(
    `select 1 from collection where project_id = $1 and id = $2 for update`,
    owner,
  );
  if (found.length === 0) return false;
  // Documents first and locked, so that a running job finds its document gone instead of a broken reference.
  await runner.query(
    `select 1 from document where project_id = $1 and collection_id = $2 order by id for update`,
    owner,
  );
  // Chunks are found by their documents: they have no index of their own on the collection.
  await runner.query(
    `delete from chunk c using document d
     where d.project_id = $1 and d.collection_id = $2 and c.project_id = d.project_id and c.document_id = d.id`,
    owner,
  );
  for (const table of ['chunk_embedding', 'chunk_lexical', 'lex_term', 'lex_stats', 'document_version', 'document']) {
    await runner.query(`delete from ${table} where project_id = $1 and collection_id = $2`, owner);
  }
  await runner.query(`delete from collection where project_id = $1 and id = $2`, owner);
  return true;
}
