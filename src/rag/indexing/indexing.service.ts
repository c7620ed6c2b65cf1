import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import type { Principal } from '../../core/principal.js';
import { JobQueue } from '../../jobs/job-queue.js';
import type { CollectionEntity } from '../collections/collection.entity.js';
import { CollectionsService } from '../collections/collections.service.js';
import { findKnownDocument, updateMetadata, type KnownDocument } from './find-known-document.js';
import type { IndexReplyDto, IndexRequestDto } from './index.dto.js';
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
   * Queues a document. The same content again is `unchanged`, also while its job still waits; one whose job failed is
   * queued again. Throws `conflict` when the document's id belongs to another collection.
   */
  async submit(request: IndexRequestDto, principal: Principal): Promise<IndexReplyDto> {
    if (request.content.trim().length < MIN_CHARACTERS) {
      const message = `The content must have at least ${String(MIN_CHARACTERS)} characters besides white space.`;
      throw new InvalidRequestError('invalid_value', message, { param: 'content' });
    }
    if (JSON.stringify(request.metadata ?? {}).length > MAX_METADATA_CHARACTERS) {
      const message = `The metadata may have ${String(MAX_METADATA_CHARACTERS)} characters at most as JSON.`;
      throw new InvalidRequestError('invalid_metadata', message, { param: 'metadata' });
    }
    const collection = await this.collections.require(principal.projectId, request.collection);
    const contentHash = createHash('sha256').update(request.content, 'utf8').digest('hex');
    const searchConfig = await this.#searchConfigOf(request, collection);
    const reply = await this.dataSource.transaction((manager) =>
      this.#accept(manager, request, { collection, principal, contentHash, searchConfig }),
    );
    if (reply !== 'ask-job') return reply;
    return this.#resubmit(request, { collection, principal, contentHash, searchConfig });
  }

  async #accept(manager: EntityManager, request: IndexRequestDto, facts: Facts): Promise<IndexReplyDto | 'ask-job'> {
    const known = await this.#lockAndFind(manager, request, facts);
    if (!known || !isSame(known, request, facts.contentHash)) return this.#queue(manager, request, facts, known);
    // Whether a pending version is still in work only its job knows, which must not be asked inside the transaction.
    if (known.status === 'pending') return 'ask-job';
    if (request.metadata) await updateMetadata(manager, facts.principal.projectId, known, request.metadata);
    return { status: 'unchanged', job_id: null, document_id: known.id };
  }

  async #resubmit(request: IndexRequestDto, facts: Facts): Promise<IndexReplyDto> {
    const { projectId } = facts.principal;
    const known = await findKnownDocument(this.dataSource, scopeOf(facts), request, facts.contentHash);
    const job = known?.jobId ? await this.jobs.find(projectId, known.jobId) : null;
    const isOver = !job || job.status === 'failed' || job.status === 'cancelled';
    return this.dataSource.transaction(async (manager) => {
      const current = await this.#lockAndFind(manager, request, facts);
      const isSameAttempt = current?.jobId === known?.jobId && current?.status === 'pending';
      if (!current || !isSame(current, request, facts.contentHash) || (isOver && isSameAttempt)) {
        return this.#queue(manager, request, facts, current);
      }
      if (request.metadata) await updateMetadata(manager, projectId, current, request.metadata);
      return { status: 'unchanged', job_id: null, document_id: current.id };
    });
  }

  async #lockAndFind(manager: EntityManager, request: IndexRequestDto, facts: Facts): Promise<KnownDocument | null> {
    const scope = scopeOf(facts);
    const locked = await manager.query<unknown[]>(
      `select 1 from collection where project_id = $1 and id = $2 for no key update`,
      [scope.projectId, scope.collectionId],
    );
    if (locked.length === 0)
      throw new AppError('collection_not_found', 'The collection was deleted just now.', { param: 'collection' });
    const known = await findKnownDocument(manager, scope, request, facts.contentHash);
    if (known && known.collectionId !== scope.collectionId) {
      throw idTaken(known.id);
    }
    return known;
  }

  async #queue(
    manager: EntityManager,
    request: IndexRequestDto,
    facts: Facts,
    known: KnownDocument | null,
  ): Promise<IndexReplyDto> {
    const { projectId, collectionId } = scopeOf(facts);
    const documentId = known?.id ?? request.document_id ?? newId('doc_');
    const version = (known?.latestVersion ?? 0) + 1;
    const rows = await manager.query<unknown[]>(
      `insert into document (project_id, id, collection_id, source, latest_version) values ($1, $2, $3, $4, $5)
       on conflict (project_id, id) do update set latest_version = excluded.latest_version, source = excluded.source
       where document.collection_id = excluded.collection_id returning id`,
      [projectId, documentId, collectionId, request.source, version],
    );
    // Another collection, which has a lock of its own, took the id a moment ago.
    if (rows.length === 0) throw idTaken(documentId);
    const payload: IndexJobPayload = { documentId, version };
    const job = await this.jobs.enqueue({ kind: INDEX_JOB, projectId, keyId: facts.principal.keyId, payload }, manager);
    await manager.query(
      `insert into document_version
         (project_id, document_id, version, collection_id, status, title, language, search_config, metadata, content_hash, text, job_id)
       values ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9, $10, $11)`,
      [
        projectId,
        documentId,
        version,
        collectionId,
        request.title ?? null,
        request.language ?? null,
        facts.searchConfig,
        JSON.stringify(request.metadata ?? {}),
        facts.contentHash,
        request.content,
        job.id,
      ],
    );
    return { status: 'queued', job_id: job.id, document_id: documentId };
  }

  async #searchConfigOf(request: IndexRequestDto, collection: CollectionEntity): Promise<string> {
    const configs = await this.searchConfigs.get();
    if (request.language !== undefined && request.language !== '') return configs.forLanguage(request.language);
    return configs.forText(`${request.title ?? ''}\n${request.content}`, collection.language);
  }
}

interface Facts {
  collection: CollectionEntity;
  principal: Principal;
  contentHash: string;
  searchConfig: string;
}

function scopeOf(facts: Facts): { projectId: string; collectionId: string } {
  return { projectId: facts.principal.projectId, collectionId: facts.collection.id };
}

function idTaken(documentId: string): AppError {
  const message = `The document id ${documentId} is in use in another collection.`;
  return new AppError('conflict', message, { param: 'document_id' });
}

// Title and language change what is indexed; metadata does not. What a request leaves out it does not change.
function isSame(known: KnownDocument, request: IndexRequestDto, contentHash: string): boolean {
  if (known.contentHash !== contentHash) return false;
  if (request.document_id === undefined) return true;
  const hasSameTitle = request.title === undefined || request.title === known.title;
  return hasSameTitle && (request.language === undefined || request.language === known.language);
}
