import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ProjectErasure } from '../../auth/project-erasure.service.js';
import { Clock } from '../../core/clock.js';
import { RecurringTask } from '../../core/recurring-task.js';

const SWEEP_EVERY_MS = 15 * 60_000;
// Far longer than any request may take to arrive.
const UNUSED_AFTER_SECONDS = 3_600;

/** Removes files that no document came of, because the process that received them ended, and those of deleted projects. */
@Injectable()
export class UploadSweeper implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger(UploadSweeper.name);
  readonly #task: RecurringTask;

  constructor(
    private readonly dataSource: DataSource,
    private readonly erasure: ProjectErasure,
    clock: Clock,
  ) {
    this.#task = new RecurringTask(clock, {
      everyMs: SWEEP_EVERY_MS,
      run: () => this.sweep(),
      failed: ({ message }) => {
        this.#logger.warn(`Unused uploads could not be removed: ${message}`);
      },
    });
  }

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query(`delete from upload where project_id = $1`, [projectId]);
    });
    this.#task.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#task.stop();
  }

  /** Removes what is unused by now. */
  async sweep(): Promise<void> {
    await this.dataSource.query(
      `delete from upload where id in (
         select id from upload where document_id is null and created_at < now() - make_interval(secs => $1)
         for update skip locked)`,
      [UNUSED_AFTER_SECONDS],
    );
  }
}
