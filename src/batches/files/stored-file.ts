/** What files may be for; only those for `batch` are read here, the others are kept for whoever sent them. */
export const FILE_PURPOSES = ['assistants', 'batch', 'evals', 'fine-tune', 'user_data', 'vision'] as const;

export type FilePurpose = (typeof FILE_PURPOSES)[number] | 'batch_output';

/** A file of a project's, without its content. */
export interface StoredFile {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly purpose: FilePurpose;
  readonly bytes: number;
  /** The batch whose results it shows; null for files that were uploaded. */
  readonly batchId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

export interface FileRow {
  id: string;
  project_id: string;
  name: string;
  purpose: FilePurpose;
  /** `bigint` comes as a text. */
  bytes: string;
  batch_id: string | null;
  created_at: Date;
  expires_at: Date | null;
}

export const FILE_COLUMNS = 'id, project_id, name, purpose, bytes, batch_id, created_at, expires_at';

/** The row as the rest of the code knows it. */
export function toStoredFile(row: FileRow): StoredFile {
  const { id, name, purpose } = row;
  return {
    ...{ id, name, purpose, projectId: row.project_id, bytes: Number(row.bytes), batchId: row.batch_id },
    ...{ createdAt: row.created_at, expiresAt: row.expires_at },
  };
}
