import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CallContext } from '../../core/call-context.js';
import { DomainEvents } from '../../core/domain-events.js';
import { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { JobInterruption } from '../../jobs/job-runner.js';
import { discardChunks } from '../store/delete-document.js';
import { DocumentIngestion, type PendingVersion } from './document-ingestion.js';
import { INDEX_JOB, type IndexJobPayload } from './index-job.js';
import { JobCalls } from './job-calls.js';
import { isBeyondLimit, toPostponement } from './to-postponement.js';

// Enough that small documents share transactions and that a slow embedder is kept busy.
const CONCURRENCY = 16;
// Trying the same again cannot mend these.
const PERMANENT = new Set(['invalid-request', 'not-found', 'permission', 'conflict', 'too-large']);

/** Runs the jobs that index documents. */
@Injectable()
export class IngestionWorker implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: JobQueue,
    private readonly dataSource: DataSource,
    private readonly ingestion: DocumentIngestion,
    private readonly events: DomainEvents,
    private readonly calls: JobCalls,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.process<IndexJobPayload>(INDEX_JOB, (job) => this.run(job), { concurrency: CONCURRENCY });
  }

  /** One attempt at a job. Resolves to what the job's owner sees as its result. */
  async run(job: RunningJob<IndexJobPayload>): Promise<JsonObject> {
    const { documentId, version } = job.payload;
    const pending = await this.#load(job);
    if (pending === 'current') return { document_id: documentId, version };
    const call = await this.#openCall(job, pending);
    const onAbort = (): void => {
      call.abort(job.signal.reason as Error);
    };
    job.signal.addEventListener('abort', onAbort, { once: true });
    try {
      const chunks = await this.ingestion.ingest(pending, job, call);
      this.events.emit({ type: 'index.succeeded', projectId: job.projectId, jobId: job.id, documentId });
      return { document_id: documentId, version, chunks, characters: pending.text.length };
    } catch (error) {
      throw await this.#toFailure(error, pending, job);
    } finally {
      job.signal.removeEventListener('abort', onAbort);
      call.finish();
    }
  }

  async #load(job: RunningJob<IndexJobPayload>): Promise<PendingVersion | 'current'> {
    const { documentId, version } = job.payload;
    const rows = await this.dataSource.query<VersionRow[]>(
      `select v.status, v.title, v.search_config, v.text, c.id, c.name, c.embedding_model, c.embedding_target,
         c.embedding_dimensions, c.chunk_size, c.chunk_overlap
       from document_version v join collection c on c.project_id = v.project_id and c.id = v.collection_id
       where v.project_id = $1 and v.document_id = $2 and v.version = $3`,
      [job.projectId, documentId, version],
    );
    const row = rows[0];
    if (!row) throw new JobFailure('not_found', 'The document was deleted or replaced before it was indexed.');
    if (row.status === 'current') return 'current';
    return {
      key: { projectId: job.projectId, collectionId: row.id, documentId, version },
      collection: {
        projectId: job.projectId,
        id: row.id,
        name: row.name,
        embeddingModel: row.embedding_model,
        embeddingTarget: row.embedding_target,
        embeddingDimensions: row.embedding_dimensions,
        chunkSize: row.chunk_size,
        chunkOverlap: row.chunk_overlap,
      },
      title: row.title,
      searchConfig: row.search_config,
      text: row.text,
    };
  }

  // A job that ends for good leaves nothing behind; one that is tried again goes on from what it stored.
  async #toFailure(error: unknown, pending: PendingVersion, job: RunningJob<IndexJobPayload>): Promise<unknown> {
    const postponement = job.signal.aborted ? null : toPostponement(error);
    if (postponement) return postponement;
    const isPermanent = error instanceof AppError && (PERMANENT.has(error.category) || isBeyondLimit(error));
    const failure = isPermanent ? new JobFailure(error.code, error.message, { cause: error }) : error;
    if (!(failure instanceof JobFailure)) {
      if (isCancelled(job.signal) || (job.isLastAttempt && !job.signal.aborted)) await this.#discard(pending);
      return failure;
    }
    await this.#discard(pending);
    const { id: jobId, projectId, payload } = job;
    this.events.emit({ type: 'index.failed', projectId, jobId, documentId: payload.documentId, code: failure.code });
    return failure;
  }

  async #discard(pending: PendingVersion): Promise<void> {
    await this.dataSource.transaction((manager) => discardChunks(manager, pending.key));
  }

  // What was allowed when the document came may be allowed no more: whoever lost the key spends nothing further with it.
  async #openCall(job: RunningJob<IndexJobPayload>, pending: PendingVersion): Promise<CallContext> {
    const call = await this.calls.open(job);
    if (call) return call;
    const failure = new JobFailure(
      'invalid_api_key',
      'The key that asked for this is not valid any more. Send the document again with one that is.',
    );
    throw await this.#toFailure(failure, pending, job);
  }
}

function isCancelled(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return reason instanceof JobInterruption && reason.reason === 'cancelled';
}

interface VersionRow {
  id: string;
  name: string;
  embedding_model: string;
  embedding_target: string | null;
  embedding_dimensions: number | null;
  chunk_size: number;
  chunk_overlap: number;
  status: 'pending' | 'current';
  title: string | null;
  search_config: string;
  text: string;
}
