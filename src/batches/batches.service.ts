import { Injectable } from '@nestjs/common';
import { BatchesConfig } from '../config/batches-config.js';
import { AppError } from '../core/errors/app-error.js';
import { JobQueue } from '../jobs/job-queue.js';
import { storageFull } from './files/file-receiver.service.js';
import { FileStore } from './files/file-store.js';
import { BatchStore } from './store/batch-store.js';
import type { BatchRow } from './store/stored-batch.js';

/** Batches that are there. */
@Injectable()
export class BatchesService {
  constructor(
    private readonly store: BatchStore,
    private readonly files: FileStore,
    private readonly jobs: JobQueue,
    private readonly config: BatchesConfig,
  ) {}

  /** Throws `not_found`. */
  async get(projectId: string, id: string): Promise<BatchRow> {
    const batch = await this.store.find(projectId, id);
    if (!batch) throw new AppError('not_found', 'There is no batch with this id.', { param: 'id' });
    return batch;
  }

  /** Throws `storage_full` when the project has no room for the results of another batch. */
  async requireRoom(projectId: string): Promise<void> {
    const { storageLimitBytes } = this.config;
    const used = await Promise.all([this.files.usedBytes(projectId), this.store.usedBytes(projectId)]);
    if (used[0] + used[1] >= storageLimitBytes) throw storageFull(storageLimitBytes);
  }

  /**
   * Stops a batch at once: what is under way of it is broken off, and what has no result gets an error as its result. One
   * that was cancelled stays as it is. Throws `not_found`, and `invalid_state` for one that ended otherwise.
   */
  async cancel(projectId: string, id: string): Promise<BatchRow> {
    const batch = await this.get(projectId, id);
    if (batch.finished_at === null && batch.job_id !== null) {
      await this.jobs.cancel(projectId, batch.job_id).catch(ignoreEnded);
    }
    const ended = await this.get(projectId, id);
    if (ended.status === 'cancelled') return ended;
    const message = `The batch has ${ended.status} already; only one that is not over can be cancelled.`;
    throw new AppError('invalid_state', message, { param: 'id' });
  }
}

// It ended by itself just now.
function ignoreEnded(error: unknown): null {
  if (error instanceof AppError && error.code === 'invalid_state') return null;
  throw error;
}
