import { AppError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import type { VersionKey } from '../store/chunk-rows.js';
import type { SqlRunner } from '../store/sql-runner.js';
import type { KnownDocument } from './find-known-document.js';
import type { NewDocument } from './new-document.js';

interface NewVersion {
  document: NewDocument;
  /** The document it is a version of; null for a new one. */
  known: KnownDocument | null;
  scope: { projectId: string; collectionId: string };
  searchConfig: string;
}

/**
 * Stores a pending version with its text, or with its upload. It is nobody's until a job is attached in the same
 * transaction. Throws `conflict` when another collection took the document's id a moment ago.
 */
export async function insertVersion(
  runner: SqlRunner,
  { document, known, scope, searchConfig }: NewVersion,
): Promise<{ key: VersionKey; attachJob: (jobId: string) => Promise<void> }> {
  const documentId = known?.id ?? document.documentId ?? newId('doc_');
  const version = (known?.latestVersion ?? 0) + 1;
  const key = { ...scope, documentId, version };
  const rows = await runner.query<unknown[]>(
    `insert into document (project_id, id, collection_id, source, latest_version) values ($1, $2, $3, $4, $5)
     on conflict (project_id, id) do update set latest_version = excluded.latest_version, source = excluded.source
     where document.collection_id = excluded.collection_id returning id`,
    [scope.projectId, documentId, scope.collectionId, document.source, version],
  );
  // Another collection, which has a lock of its own, took the id a moment ago.
  if (rows.length === 0) throw idTaken(documentId);
  return { key, attachJob: (jobId) => insertRow(runner, { key, document, searchConfig, jobId }) };
}

async function insertRow(
  runner: SqlRunner,
  row: { key: VersionKey; document: NewDocument; searchConfig: string; jobId: string },
): Promise<void> {
  const { key, document } = row;
  await runner.query(
    `insert into document_version (project_id, document_id, version, collection_id, status, title, language, search_config,
       metadata, content_hash, text, job_id)
     values ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9, $10, $11)`,
    [
      key.projectId,
      key.documentId,
      key.version,
      key.collectionId,
      document.title ?? null,
      document.language ?? null,
      row.searchConfig,
      JSON.stringify(document.metadata ?? {}),
      document.contentHash,
      'text' in document.content ? document.content.text : '',
      row.jobId,
    ],
  );
  if (!('uploadId' in document.content)) return;
  const attached = await runner.query<[unknown[], number]>(
    `update upload set document_id = $3, version = $4 where project_id = $1 and id = $2 and document_id is null`,
    [key.projectId, document.content.uploadId, key.documentId, key.version],
  );
  if (attached[1] === 0) throw new AppError('not_found', 'The upload is gone. Send the file again.');
}

/** The answer to a document's id that is in use elsewhere. */
export function idTaken(documentId: string): AppError {
  const message = `The document id ${documentId} is in use in another collection.`;
  return new AppError('conflict', message, { param: 'document_id' });
}
