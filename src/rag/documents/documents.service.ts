import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppError } from '../../core/errors/app-error.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { listPage, type ListPage } from '../list-page.js';
import { deleteDocument } from '../store/delete-document.js';
import { isDocumentId } from './document-id.js';
import type { DocumentDto } from './document.dto.js';
import { DocumentEntity } from './document.entity.js';
import { DocumentVersionEntity } from './document-version.entity.js';

/** Reading and deleting the documents of a project. */
@Injectable()
export class DocumentsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly jobs: JobQueue,
  ) {}

  async list(
    projectId: string,
    page: { limit: number; after?: string; collectionId?: string },
  ): Promise<ListPage<DocumentDto>> {
    const rows = this.dataSource
      .getRepository(DocumentEntity)
      .createQueryBuilder('item')
      .where('item.projectId = :projectId', { projectId });
    if (page.collectionId !== undefined)
      rows.andWhere('item.collectionId = :collectionId', { collectionId: page.collectionId });
    const list = await listPage(rows, { projectId, ...page }, (document) => document);
    const data = await Promise.all(list.data.map((document) => this.#show(document)));
    return { ...list, data };
  }

  /** Throws `not_found`. */
  async get(projectId: string, id: string): Promise<DocumentDto> {
    return this.#show(await this.#require(projectId, id));
  }

  /** The text that all offsets point into: the visible version's, else the one in work. Throws `not_found`. */
  async text(projectId: string, id: string): Promise<string> {
    if (!isDocumentId(id)) throw notFound();
    const rows = await this.dataSource.query<{ text: string }[]>(
      `select text from document_version where project_id = $1 and document_id = $2 order by status = 'current' desc, version desc limit 1`,
      [projectId, id],
    );
    const row = rows[0];
    if (!row) throw notFound();
    return row.text;
  }

  /** Removes a document at once, from searches too; a job that still indexes it is cancelled. Throws `not_found`. */
  async remove(projectId: string, id: string): Promise<void> {
    if (!isDocumentId(id)) throw notFound();
    const pending = await this.dataSource
      .getRepository(DocumentVersionEntity)
      .findBy({ projectId, documentId: id, status: 'pending' });
    const isDeleted = await this.dataSource.transaction((manager) => deleteDocument(manager, projectId, id));
    if (!isDeleted) throw notFound();
    for (const { jobId } of pending) {
      // A job that ended in between needs no cancelling; one that goes on finds its document gone.
      if (jobId !== null) await this.jobs.cancel(projectId, jobId).catch(() => null);
    }
  }

  async #require(projectId: string, id: string): Promise<DocumentEntity> {
    const documents = this.dataSource.getRepository(DocumentEntity);
    const document = isDocumentId(id) ? await documents.findOneBy({ projectId, id }) : null;
    if (!document) throw notFound();
    return document;
  }

  async #show(document: DocumentEntity): Promise<DocumentDto> {
    const { projectId, id: documentId } = document;
    const versions = await this.dataSource
      .getRepository(DocumentVersionEntity)
      .find({ where: { projectId, documentId }, order: { version: 'DESC' } });
    const latest = versions[0];
    const shown = versions.find((version) => version.version === document.currentVersion) ?? latest;
    return {
      id: documentId,
      collection_id: document.collectionId,
      source: document.source,
      ...describe(shown),
      status: document.currentVersion > 0 ? 'ready' : await this.#firstStatus(projectId, latest),
      version: document.currentVersion,
      latest_version: document.latestVersion,
      job_id: latest?.jobId ?? null,
      created_at: document.createdAt.toISOString(),
    };
  }

  // Whether a version that nobody sees yet is still in work only its job knows.
  async #firstStatus(projectId: string, latest: DocumentVersionEntity | undefined): Promise<'pending' | 'failed'> {
    const job = latest?.jobId ? await this.jobs.find(projectId, latest.jobId) : null;
    return job === null || job.status === 'failed' || job.status === 'cancelled' ? 'failed' : 'pending';
  }
}

function describe(
  version: DocumentVersionEntity | undefined,
): Pick<DocumentDto, 'title' | 'language' | 'metadata' | 'indexed_at'> {
  if (!version) return { title: null, language: null, metadata: {}, indexed_at: null };
  const { title, language, metadata, indexedAt } = version;
  return { title, language, metadata, indexed_at: indexedAt?.toISOString() ?? null };
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no such document.');
}
