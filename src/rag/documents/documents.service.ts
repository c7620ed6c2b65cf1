import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { AppError } from '../../core/errors/app-error.js';
import { JobQueue } from '../../jobs/job-queue.js';
import type { ListOf } from '../../http/list-of.js';
import { listPage } from '../list-page.js';
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
  ): Promise<ListOf<DocumentDto>> {
    const rows = this.dataSource
      .getRepository(DocumentEntity)
      .createQueryBuilder('item')
      .where('item.projectId = :projectId', { projectId });
    if (page.collectionId !== undefined)
      rows.andWhere('item.collectionId = :collectionId', { collectionId: page.collectionId });
    const list = await listPage(rows, { projectId, ...page }, (document) => document);
    return { ...list, data: await this.#show(projectId, list.data) };
  }

  /** Throws `not_found`. */
  async get(projectId: string, id: string): Promise<DocumentDto> {
    const [shown] = await this.#show(projectId, [await this.#require(projectId, id)]);
    if (!shown) throw notFound();
    return shown;
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

  async #show(projectId: string, documents: readonly DocumentEntity[]): Promise<DocumentDto[]> {
    if (documents.length === 0) return [];
    const versions = await this.dataSource.getRepository(DocumentVersionEntity).find({
      where: { projectId, documentId: In(documents.map((document) => document.id)) },
      order: { version: 'DESC' },
    });
    const versionsOf = Map.groupBy(versions, (version) => version.documentId);
    const views = documents.map((document) => toView(document, versionsOf.get(document.id) ?? []));
    const pending = views.flatMap(({ document, latest }) =>
      document.currentVersion === 0 && latest?.jobId ? [latest.jobId] : [],
    );
    const inWork = await this.#findUnfinished(projectId, pending);
    return views.map((view) => render(view, inWork));
  }

  // Whether a version that nobody sees yet is still in work only its job knows.
  async #findUnfinished(projectId: string, jobIds: readonly string[]): Promise<ReadonlySet<string>> {
    const jobs = await this.jobs.findAll(projectId, jobIds);
    return new Set(jobs.filter((job) => job.status !== 'failed' && job.status !== 'cancelled').map((job) => job.id));
  }
}

interface DocumentView {
  document: DocumentEntity;
  latest: DocumentVersionEntity | undefined;
  shown: DocumentVersionEntity | undefined;
}

function toView(document: DocumentEntity, versions: readonly DocumentVersionEntity[]): DocumentView {
  const latest = versions[0];
  return { document, latest, shown: versions.find(({ version }) => version === document.currentVersion) ?? latest };
}

function render({ document, latest, shown }: DocumentView, inWork: ReadonlySet<string>): DocumentDto {
  const firstStatus = inWork.has(latest?.jobId ?? '') ? 'pending' : 'failed';
  return {
    id: document.id,
    collection_id: document.collectionId,
    source: document.source,
    ...describe(shown),
    status: document.currentVersion > 0 ? 'ready' : firstStatus,
    version: document.currentVersion,
    latest_version: document.latestVersion,
    job_id: latest?.jobId ?? null,
    created_at: document.createdAt.toISOString(),
  };
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
