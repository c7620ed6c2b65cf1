import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import type { Principal } from '../../core/principal.js';
import { JobQueue } from '../../jobs/job-queue.js';
import type { CollectionEntity } from '../collections/collection.entity.js';
import { CollectionsService } from '../collections/collections.service.js';
import { stripByteOrderMarks } from '../parsing/formats/clean-text.js';
import { discardVersion } from '../store/delete-document.js';
import { findKnownDocument, updateMetadata, type KnownDocument } from './find-known-document.js';
import type { IndexReplyDto, IndexRequestDto } from './index.dto.js';
import type { NewDocument, UploadToIndex } from './new-document.js';
import { idTaken, insertVersion } from './insert-version.js';
import { INDEX_JOB, type IndexJobPayload } from './index-job.js';
import { SearchConfigSource } from './search-config-source.js';

const MIN_CHARACTERS = 10;
const MAX_METADATA_CHARACTERS = 16_384;

/** Takes documents in: decides whether one is new, changed or known, stores its text and queues the work. */
@Injectable()
export class IndexingService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly collections: CollectionsService,
    private readonly jobs: JobQueue,
    private readonly searchConfigs: SearchConfigSource,
  ) {}

  /**
   * Queues a text. The same content again is `unchanged`, also while its job still waits; one whose job failed is
   * queued again. Throws `conflict` when the document's id belongs to another collection.
   */
  async submit(request: IndexRequestDto, principal: Principal): Promise<IndexReplyDto> {
    const { source, title, language, metadata, document_id: documentId } = request;
    const content = stripByteOrderMarks(request.content);
    if (content.trim().length < MIN_CHARACTERS) {
      const message = `The content must have at least ${String(MIN_CHARACTERS)} characters besides white space.`;
      throw new InvalidRequestError('invalid_value', message, { param: 'content' });
    }
    requireModestMetadata(metadata);
    const collection = await this.collections.require(principal.projectId, request.collection);
    const contentHash = createHash('sha256').update(content, 'utf8').digest('hex');
    const about = { source, title, language, metadata, documentId, contentHash };
    return this.#submit({ ...about, content: { text: content } }, collection, principal);
  }

  /**
   * Queues an uploaded file, as `submit` does a text; its text is extracted by the job. The upload belongs to the document
   * from then on, and is removed when the answer is `unchanged`; when this throws it still is the caller's.
   */
  async submitUpload(upload: UploadToIndex, principal: Principal): Promise<IndexReplyDto> {
    const { uploadId, contentHash, source, title, language, metadata, document_id: documentId } = upload;
    requireModestMetadata(metadata);
    const collection = await this.collections.require(principal.projectId, upload.collection);
    const about = { source, title, language, metadata, documentId, contentHash };
    const reply = await this.#submit({ ...about, content: { uploadId } }, collection, principal);
    if (reply.status === 'unchanged') {
      await this.dataSource.query(`delete from upload where project_id = $1 and id = $2 and document_id is null`, [
        principal.projectId,
        uploadId,
      ]);
    }
    return reply;
  }

  async #submit(document: NewDocument, collection: CollectionEntity, principal: Principal): Promise<IndexReplyDto> {
    const facts: Facts = { collection, principal, searchConfig: await this.#searchConfigOf(document, collection) };
    const reply = await this.dataSource.transaction((manager) => this.#accept(manager, document, facts));
    return reply === 'ask-job' ? this.#resubmit(document, facts) : reply;
  }

  async #accept(manager: EntityManager, document: NewDocument, facts: Facts): Promise<IndexReplyDto | 'ask-job'> {
    const known = await this.#lockAndFind(manager, document, facts);
    if (!known || !isSame(known, document)) return this.#queue(manager, document, facts, known);
    // Whether a pending version is still in work only its job knows, which must not be asked inside the transaction.
    if (known.status === 'pending') return 'ask-job';
    return keepAsIs(manager, document, facts, known);
  }

  async #resubmit(document: NewDocument, facts: Facts): Promise<IndexReplyDto> {
    const { projectId } = facts.principal;
    const known = await findKnownDocument(this.dataSource, scopeOf(facts), document);
    const job = known?.jobId ? await this.jobs.find(projectId, known.jobId) : null;
    const isOver = !job || job.status === 'failed' || job.status === 'cancelled';
    return this.dataSource.transaction(async (manager) => {
      const current = await this.#lockAndFind(manager, document, facts);
      const isSameAttempt = current?.jobId === known?.jobId && current?.status === 'pending';
      if (!current || !isSame(current, document)) return this.#queue(manager, document, facts, current);
      if (isOver && isSameAttempt) {
        const reply = await this.#queue(manager, document, facts, current);
        // The new version says the same: however often a file is sent that cannot be read, it is kept once.
        const old = { projectId, documentId: current.id, version: current.latestVersion };
        if (current.jobId !== null) await discardVersion(manager, old, current.jobId);
        return reply;
      }
      return keepAsIs(manager, document, facts, current);
    });
  }

  async #lockAndFind(manager: EntityManager, document: NewDocument, facts: Facts): Promise<KnownDocument | null> {
    const scope = scopeOf(facts);
    const locked = await manager.query<unknown[]>(
      `select 1 from collection where project_id = $1 and id = $2 for no key update`,
      [scope.projectId, scope.collectionId],
    );
    if (locked.length === 0)
      throw new AppError('collection_not_found', 'The collection was deleted just now.', { param: 'collection' });
    const known = await findKnownDocument(manager, scope, document);
    if (known && known.collectionId !== scope.collectionId) throw idTaken(known.id);
    return known;
  }

  async #queue(
    manager: EntityManager,
    document: NewDocument,
    facts: Facts,
    known: KnownDocument | null,
  ): Promise<IndexReplyDto> {
    const { projectId, keyId } = facts.principal;
    const { key, attachJob } = await insertVersion(manager, {
      document,
      known,
      scope: scopeOf(facts),
      searchConfig: facts.searchConfig,
    });
    const payload: IndexJobPayload = { documentId: key.documentId, version: key.version };
    const job = await this.jobs.enqueue({ kind: INDEX_JOB, projectId, keyId, payload }, manager);
    await attachJob(job.id);
    return { status: 'queued', job_id: job.id, document_id: key.documentId };
  }

  // Of an upload nothing but what the client says is known before it is parsed.
  async #searchConfigOf(document: NewDocument, collection: CollectionEntity): Promise<string> {
    const configs = await this.searchConfigs.get();
    if (document.language !== undefined && document.language !== '') return configs.forLanguage(document.language);
    if (!('text' in document.content)) return 'simple';
    return configs.forText(`${document.title ?? ''}\n${document.content.text}`, collection.language);
  }
}

interface Facts {
  collection: CollectionEntity;
  principal: Principal;
  searchConfig: string;
}

function scopeOf(facts: Facts): { projectId: string; collectionId: string } {
  return { projectId: facts.principal.projectId, collectionId: facts.collection.id };
}

async function keepAsIs(
  manager: EntityManager,
  document: NewDocument,
  facts: Facts,
  known: KnownDocument,
): Promise<IndexReplyDto> {
  if (document.metadata) await updateMetadata(manager, facts.principal.projectId, known, document.metadata);
  return { status: 'unchanged', job_id: null, document_id: known.id };
}

function requireModestMetadata(metadata: JsonObject | undefined): void {
  if (JSON.stringify(metadata ?? {}).length <= MAX_METADATA_CHARACTERS) return;
  const message = `The metadata may have ${String(MAX_METADATA_CHARACTERS)} characters at most as JSON.`;
  throw new InvalidRequestError('invalid_metadata', message, { param: 'metadata' });
}

// Title and language change what is indexed; metadata does not. What a request leaves out it does not change.
function isSame(known: KnownDocument, document: NewDocument): boolean {
  if (known.contentHash !== document.contentHash) return false;
  if (document.documentId === undefined) return true;
  const hasSameTitle = document.title === undefined || document.title === known.title;
  return hasSameTitle && (document.language === undefined || document.language === known.language);
}
