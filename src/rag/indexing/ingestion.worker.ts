import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import type { RunningJob } from '../../jobs/job.js';
import type { JobEnd } from '../../jobs/job-kind.js';
import { JobQueue } from '../../jobs/job-queue.js';
import type { Announcement } from '../../jobs/webhooks/announcement.js';
import { discardChunks } from '../store/delete-document.js';
import { DocumentIngestion } from './document-ingestion.js';
import { INDEX_JOB, type IndexJobPayload } from './index-job.js';
import { toJobOutcome } from './job-outcome.js';
import { VersionSource } from './version-source.js';
import { WorkingMemory } from './working-memory.js';

// Enough that small documents share transactions and that a slow embedder is kept busy.
const CONCURRENCY = 16;
/** Characters of text that are worked on at the same time. */
const WORKING_CHARACTERS = 24_000_000;

/** What webhooks are told of a job's end; one that was cancelled has somebody who knows. */
function announcementOf(job: { id: string; documentId: string }, end: JobEnd): Announcement | null {
  const data = { job_id: job.id, document_id: job.documentId };
  switch (end.status) {
    case 'succeeded':
      return { type: 'index.succeeded', data };
    case 'failed':
      return { type: 'index.failed', data: { ...data, error: { ...end.error } } };
    case 'cancelled':
      return null;
  }
}

/** Runs the jobs that index documents. */
@Injectable()
export class IngestionWorker implements OnApplicationBootstrap {
  readonly #memory = new WorkingMemory(WORKING_CHARACTERS);

  constructor(
    private readonly jobs: JobQueue,
    private readonly source: VersionSource,
    private readonly ingestion: DocumentIngestion,
    private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.process<IndexJobPayload>(INDEX_JOB, (job) => this.run(job), {
      concurrency: CONCURRENCY,
      scope: 'rag',
      // A job that ends for good leaves nothing behind; one that is tried again goes on from what it stored.
      cleanUp: (manager, { id, projectId, payload }) => discardChunks(manager, { projectId, ...payload }, id),
      announce: ({ id, payload: { documentId } }, end) => announcementOf({ id, documentId }, end),
    });
  }

  /** One attempt at a job. Resolves to what the job's owner sees as its result. */
  async run(job: RunningJob<IndexJobPayload>): Promise<JsonObject> {
    const { documentId, version } = job.payload;
    try {
      let size = await this.source.measure(job);
      if (size !== 'current' && size.isFile) {
        await this.#memory.hold(size.bytes, job.signal, () => this.source.extract(job));
        // A small file may hold a long text, and what waits for room must not be in the memory already.
        size = await this.source.measure(job);
      }
      if (size === 'current') return { document_id: documentId, version };
      const made = await this.#memory.hold(size.bytes, job.signal, () => this.#index(job));
      return { document_id: documentId, version, ...made };
    } catch (error) {
      throw toJobOutcome(error, job, this.clock.now());
    }
  }

  async #index(job: RunningJob<IndexJobPayload>): Promise<{ chunks: number; characters: number }> {
    const version = await this.source.read(job);
    const chunks = await this.ingestion.ingest(version, job);
    return { chunks, characters: version.text.length };
  }
}
