import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import { holdAttempts } from '../../jobs/hold-attempts.js';
import { JobInterruption } from '../../jobs/job-interruption.js';
import type { FormatHint } from '../parsing/child/messages.js';
import { DocumentParseError } from '../parsing/document-parse-error.js';
import { DocumentParser } from '../parsing/document-parser.js';
import type { ParsedDocument } from '../parsing/parsed-document.js';
import type { IndexJobPayload } from './index-job.js';
import type { PendingVersion } from './pending-version.js';
import { SearchConfigSource } from './search-config-source.js';

type IndexJob = RunningJob<IndexJobPayload>;

/** Where the text of a version comes from: the database, or the file that it is extracted from once. */
@Injectable()
export class VersionSource {
  constructor(
    private readonly dataSource: DataSource,
    private readonly parser: DocumentParser,
    private readonly searchConfigs: SearchConfigSource,
  ) {}

  /** How large the text is, or the file that it is still in; `current` when the version is visible already. Throws JobFailure `not_found`. */
  async measure(job: IndexJob): Promise<{ bytes: number; isFile: boolean } | 'current'> {
    const rows = await this.dataSource.query<{ status: string; size: number; is_file: boolean }[]>(
      `select v.status, octet_length(v.text) + coalesce(u.size_bytes, 0) as size, u.id is not null as is_file
       from document_version v
       left join upload u on u.project_id = v.project_id and u.document_id = v.document_id and u.version = v.version
       where v.project_id = $1 and v.document_id = $2 and v.version = $3 and v.job_id = $4`,
      [...keyOf(job), job.id],
    );
    const row = rows[0];
    if (!row) throw gone();
    if (row.status === 'current') return 'current';
    return { bytes: row.size, isFile: row.is_file };
  }

  /** Stores the text of a version that came as a file, in the place of the file. Throws JobFailure. */
  async extract(job: IndexJob): Promise<void> {
    const { version, file } = await this.#load(job);
    if (!file) return;
    await job.stages.run('parsing', () => this.#extract(job, version, file));
    job.stages.progress('parsing', 1, 1);
  }

  /** The version with its text. Throws JobFailure `not_found`. */
  async read(job: IndexJob): Promise<PendingVersion> {
    return (await this.#load(job)).version;
  }

  async #load(job: IndexJob): Promise<{ version: PendingVersion; file: StoredFile | null }> {
    const rows = await this.dataSource.query<VersionRow[]>(
      `select v.title, v.language, v.search_config, v.text, v.pages, u.id as upload_id, u.format as upload_format,
         u.size_bytes as upload_bytes, c.id, c.name,
         c.embedding_model, c.embedding_target, c.embedding_dimensions, c.embedding_generation, c.chunk_size, c.chunk_overlap,
         c.language as collection_language
       from document_version v
       join collection c on c.project_id = v.project_id and c.id = v.collection_id
       left join upload u on u.project_id = v.project_id and u.document_id = v.document_id and u.version = v.version
       where v.project_id = $1 and v.document_id = $2 and v.version = $3 and v.job_id = $4`,
      [...keyOf(job), job.id],
    );
    const row = rows[0];
    if (!row) throw gone();
    const { upload_id: id, upload_format: format, upload_bytes: bytes } = row;
    const file = id === null ? null : { id, format: format as FormatHint, bytes: bytes ?? 0 };
    return { version: toVersion(job, row), file };
  }

  async #extract(job: IndexJob, version: PendingVersion, file: StoredFile): Promise<void> {
    const parsed = await this.#parse(job, file);
    const title = version.title ?? parsed.title;
    const searchConfig = await this.#searchConfigOf(version, title, parsed.text);
    await this.#store(job, { parsed, title, searchConfig });
  }

  async #parse(job: IndexJob, file: StoredFile): Promise<ParsedDocument> {
    try {
      return await this.parser.parse(this.#pieces(file), { format: file.format }, job.signal);
    } catch (error) {
      if (error instanceof DocumentParseError) throw new JobFailure(error.code, error.message, { cause: error });
      throw error;
    }
  }

  // One at a time, so that a large file is never in the memory as a whole. They go when the document does.
  async *#pieces({ id, bytes }: StoredFile): AsyncGenerator<Uint8Array> {
    let left = bytes;
    for (let ordinal = 0; left > 0; ordinal += 1) {
      const rows = await this.dataSource.query<{ bytes: Buffer }[]>(
        `select bytes from upload_piece where upload_id = $1 and ordinal = $2`,
        [id, ordinal],
      );
      const row = rows[0];
      if (!row) throw gone();
      left -= row.bytes.length;
      yield row.bytes;
    }
  }

  async #searchConfigOf(version: PendingVersion, title: string | null, text: string): Promise<string> {
    if (version.language !== null && version.language !== '') return version.searchConfig;
    const configs = await this.searchConfigs.get();
    return configs.forText(`${title ?? ''}\n${text.slice(0, 10_000)}`, version.collection.language);
  }

  // The text takes the place of the file: there is always one of them.
  async #store(
    job: IndexJob,
    { parsed, title, searchConfig }: { parsed: ParsedDocument; title: string | null; searchConfig: string },
  ): Promise<void> {
    const { text, format, pages } = parsed;
    await this.dataSource.transaction(async (manager) => {
      const held = await holdAttempts(manager, [job]);
      if (!held.has(job.id)) throw new JobInterruption('taken-over');
      const updated = await manager.query<[unknown[], number]>(
        `update document_version set text = $5, format = $6, pages = $7, title = $8, search_config = $9
         where project_id = $1 and document_id = $2 and version = $3 and job_id = $4 and status = 'pending'`,
        [...keyOf(job), job.id, text, format, pages && JSON.stringify(pages), title, searchConfig],
      );
      if (updated[1] === 0) throw gone();
      await manager.query(`delete from upload where project_id = $1 and document_id = $2 and version = $3`, keyOf(job));
    });
  }
}

interface StoredFile {
  id: string;
  format: FormatHint;
  bytes: number;
}

interface VersionRow {
  title: string | null;
  language: string | null;
  search_config: string;
  text: string;
  pages: { start: number; end: number }[] | null;
  upload_id: string | null;
  upload_format: string | null;
  upload_bytes: number | null;
  id: string;
  name: string;
  embedding_model: string;
  embedding_target: string | null;
  embedding_dimensions: number | null;
  embedding_generation: number;
  chunk_size: number;
  chunk_overlap: number;
  collection_language: string | null;
}

function keyOf({ projectId, payload: { documentId, version } }: IndexJob): unknown[] {
  return [projectId, documentId, version];
}

function toVersion({ projectId, payload: { documentId, version } }: IndexJob, row: VersionRow): PendingVersion {
  return {
    key: { projectId, collectionId: row.id, documentId, version },
    collection: {
      projectId,
      id: row.id,
      name: row.name,
      embeddingModel: row.embedding_model,
      embeddingTarget: row.embedding_target,
      embeddingDimensions: row.embedding_dimensions,
      embeddingGeneration: row.embedding_generation,
      chunkSize: row.chunk_size,
      chunkOverlap: row.chunk_overlap,
      language: row.collection_language,
    },
    title: row.title,
    language: row.language,
    searchConfig: row.search_config,
    text: row.text,
    pages: row.pages,
  };
}

function gone(): JobFailure {
  return new JobFailure('not_found', 'The document was deleted or replaced before it was indexed.');
}
