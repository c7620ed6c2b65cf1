import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { JsonObject } from '../../core/json.js';
import type { Principal } from '../../core/principal.js';
import { JobFailure, type Job, type RunningJob } from '../../jobs/job.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { recountCollection } from '../store/recount-collection.js';

const RECOUNT_JOB = 'recount';

interface RecountJobPayload extends JsonObject {
  collectionId: string;
}

/** Mends the word counts of a collection, which rank what is found by words. */
@Injectable()
export class RecountWorker implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: JobQueue,
    private readonly dataSource: DataSource,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.process<RecountJobPayload>(RECOUNT_JOB, (job) => this.#run(job), { scope: 'rag' });
  }

  /** Queues a recount; one that waits already serves for both. */
  ask(collectionId: string, { projectId, keyId }: Principal): Promise<Job> {
    const payload: RecountJobPayload = { collectionId };
    return this.jobs.enqueue({ kind: RECOUNT_JOB, projectId, keyId, payload, dedupeKey: collectionId });
  }

  async #run({ projectId, payload }: RunningJob<RecountJobPayload>): Promise<JsonObject> {
    const recount = await this.dataSource.transaction((manager) =>
      recountCollection(manager, projectId, payload.collectionId),
    );
    if (!recount) throw new JobFailure('collection_not_found', 'The collection was deleted.');
    return { collection_id: payload.collectionId, chunks: recount.chunks, corrected_terms: recount.corrected };
  }
}
