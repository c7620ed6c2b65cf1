import type { JsonObject } from '../../core/json.js';
import type { SqlRunner } from '../store/sql-runner.js';
import type { NewDocument } from './new-document.js';

/** A document that an index request is about, with the newest version of it. */
export interface KnownDocument {
  id: string;
  collectionId: string;
  latestVersion: number;
  contentHash: string;
  title: string | null;
  language: string | null;
  status: 'pending' | 'current';
  jobId: string | null;
}

interface DocumentRow {
  id: string;
  collection_id: string;
  latest_version: number;
  content_hash: string;
  title: string | null;
  language: string | null;
  status: 'pending' | 'current';
  job_id: string | null;
}

const SELECT = `select d.id, d.collection_id, d.latest_version, v.content_hash, v.title, v.language, v.status, v.job_id
  from document d join document_version v
    on v.project_id = d.project_id and v.document_id = d.id and v.version = d.latest_version
  where d.project_id = $1`;

/**
 * The document that a request names: by its id; without one by the same content in the collection, else by the same
 * source. The caller holds the collection's lock, so that two requests cannot both find nothing.
 */
export async function findKnownDocument(
  runner: SqlRunner,
  scope: { projectId: string; collectionId: string },
  request: Pick<NewDocument, 'documentId' | 'source' | 'contentHash'>,
): Promise<KnownDocument | null> {
  const { projectId, collectionId } = scope;
  if (request.documentId !== undefined) {
    return first(await runner.query<DocumentRow[]>(`${SELECT} and d.id = $2`, [projectId, request.documentId]));
  }
  const same = await runner.query<DocumentRow[]>(
    `${SELECT} and v.collection_id = $2 and v.content_hash = $3 order by d.created_at limit 1`,
    [projectId, collectionId, request.contentHash],
  );
  if (same.length > 0) return first(same);
  return first(
    await runner.query<DocumentRow[]>(
      `${SELECT} and d.collection_id = $2 and d.source = $3 order by d.created_at desc limit 1`,
      [projectId, collectionId, request.source],
    ),
  );
}

/** Stores other metadata for a version whose content stays as it is. */
export async function updateMetadata(
  runner: SqlRunner,
  projectId: string,
  document: KnownDocument,
  metadata: JsonObject,
): Promise<void> {
  await runner.query(
    `update document_version set metadata = $4 where project_id = $1 and document_id = $2 and version = $3`,
    [projectId, document.id, document.latestVersion, JSON.stringify(metadata)],
  );
}

function first(rows: readonly DocumentRow[]): KnownDocument | null {
  const row = rows[0];
  if (!row) return null;
  return {
    id: row.id,
    collectionId: row.collection_id,
    latestVersion: row.latest_version,
    contentHash: row.content_hash,
    title: row.title,
    language: row.language,
    status: row.status,
    jobId: row.job_id,
  };
}
