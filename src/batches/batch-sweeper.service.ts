import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ProjectErasure } from '../auth/project-erasure.service.js';
import { BatchesConfig } from '../config/batches-config.js';
import { AppError } from '../core/errors/app-error.js';
import { Housekeeping } from '../core/housekeeping.js';
import { BATCH_JOB } from './batch-job.js';
import { FileStore } from './files/file-store.js';

const SWEEP_EVERY_MS = 600_000;
const MOST_AT_ONCE = 50;
/** An upload that is not whole by then belongs to nobody any more. */
const UNFINISHED_SECONDS = 86_400;

/** Deletes files and batches whose time is over, and all of deleted projects. */
@Injectable()
export class BatchSweeper implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly files: FileStore,
    private readonly erasure: ProjectErasure,
    private readonly config: BatchesConfig,
    housekeeping: Housekeeping,
  ) {
    housekeeping.add({
      everyMs: SWEEP_EVERY_MS,
      run: () => this.sweep(),
      complaint: 'Old files and batches could not be deleted',
    });
  }

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      // First what attempts hold before they write: none is in the middle of it then.
      await manager.query('delete from job where project_id = $1 and kind = $2', [projectId, BATCH_JOB]);
      await manager.query('delete from batch where project_id = $1', [projectId]);
      await manager.query('delete from file where project_id = $1', [projectId]);
    });
  }

  /** A file that a batch still reads stays until the batch is over; a batch goes with all its results. */
  async sweep(): Promise<void> {
    await this.dataSource.query(
      `delete from file where not is_whole and created_at < now() - make_interval(secs => $1)`,
      [UNFINISHED_SECONDS],
    );
    await this.#sweepFiles();
    for (let deleted = 1; deleted > 0;) {
      [, deleted] = await this.dataSource.query<[unknown[], number]>(
        `delete from batch where id in (
           select id from batch where finished_at < now() - make_interval(days => $1) limit 1)`,
        [this.config.keptDays],
      );
    }
  }

  async #sweepFiles(): Promise<void> {
    for (;;) {
      const rows = await this.dataSource.query<{ id: string; project_id: string }[]>(
        `select id, project_id from file where expires_at <= now() and is_whole and not exists (
           select 1 from batch where batch.input_file_id = file.id and batch.finished_at is null) limit $1`,
        [MOST_AT_ONCE],
      );
      for (const { id, project_id: projectId } of rows) await this.files.delete(projectId, id).catch(ignoreTaken);
      if (rows.length < MOST_AT_ONCE) return;
    }
  }
}

// Another process deleted it just now, or a batch began to read it.
function ignoreTaken(error: unknown): void {
  if (!(error instanceof AppError)) throw error;
}
