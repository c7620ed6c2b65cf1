import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BatchesConfig } from '../../config/batches-config.js';
import type { JsonObject } from '../../core/json.js';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import type { JobEnd, OverJob } from '../../jobs/job-kind.js';
import { JobQueue } from '../../jobs/job-queue.js';
import type { Announcement } from '../../jobs/webhooks/announcement.js';
import { BATCH_JOB, type BatchJobPayload } from '../batch-job.js';
import { BatchValidation } from '../lines/batch-validation.service.js';
import { BatchStore } from '../store/batch-store.js';
import { closeBatch } from '../store/close-batch.js';
import { closeUnfinished } from '../store/close-unfinished.js';
import { BatchLines } from './batch-lines.service.js';

type Job = RunningJob<BatchJobPayload>;

/** Batches that one process works on at once; the others wait for their turn. */
const BATCHES_AT_ONCE = 4;
const OVER = 'batch_is_over';

/** What webhooks are told of a batch's end. */
function announcementOf({ payload }: OverJob<BatchJobPayload>, end: JobEnd): Announcement | null {
  const told = { data: { id: payload.batchId }, webhookId: payload.webhookId };
  switch (end.status) {
    case 'succeeded':
      return { ...told, type: end.result?.status === 'expired' ? 'batch.expired' : 'batch.completed' };
    case 'cancelled':
      return { ...told, type: 'batch.cancelled' };
    case 'failed':
      // Its end was told when it came.
      return end.error.code === OVER ? null : { ...told, type: 'batch.failed' };
  }
}

/** Runs the jobs that work on batches. */
@Injectable()
export class BatchWorker implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: JobQueue,
    private readonly store: BatchStore,
    private readonly validation: BatchValidation,
    private readonly lines: BatchLines,
    private readonly config: BatchesConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { keptDays } = this.config;
    await this.jobs.process<BatchJobPayload>(BATCH_JOB, (job) => this.run(job), {
      concurrency: BATCHES_AT_ONCE,
      scope: 'batches',
      retryRefusal: 'A batch ends with its job and is not tried again. Make another one of what has no result.',
      conclude: (manager, { payload }, result) =>
        closeBatch(manager, payload.batchId, {
          status: result?.status === 'expired' ? 'expired' : 'completed',
          keptDays,
        }),
      cleanUp: (manager, job) => closeUnfinished(manager, job, keptDays),
      announce: announcementOf,
    });
  }

  /** One attempt at a batch. Resolves to what the job's owner sees as its result; the batch ends with the job. */
  async run(job: Job): Promise<JsonObject> {
    const { batchId } = job.payload;
    const batch = await this.store.find(job.projectId, batchId);
    if (batch?.finished_at !== null) throw new JobFailure(OVER, 'The batch is over. Make another one.');
    if (batch.status === 'validating') await this.validation.validate(job, batch);
    const begun = await this.store.find(job.projectId, batchId);
    if (!begun) throw new JobFailure(OVER, 'The batch is gone.');
    return { batch_id: batchId, status: await this.lines.work(job, begun) };
  }
}
