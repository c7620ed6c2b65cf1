import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ProjectErasure } from '../../auth/project-erasure.service.js';
import { Clock } from '../../core/clock.js';

const SWEEP_EVERY_MS = 15 * 60_000;
// Far longer than any request may take to arrive.
const UNUSED_AFTER_SECONDS = 3_600;

/** Removes files that no document came of, because the process that received them ended, and those of deleted projects. */
@Injectable()
export class UploadSweeper implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger(UploadSweeper.name);
  #cancel: (() => void) | null = null;
  #isStopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly erasure: ProjectErasure,
  ) {}

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query(`delete from upload where project_id = $1`, [projectId]);
    });
    this.#schedule();
  }

  beforeApplicationShutdown(): void {
    this.#isStopped = true;
    this.#cancel?.();
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

  #schedule(): void {
    this.#cancel = this.clock.schedule(() => {
      this.sweep()
        .catch((error: unknown) => {
          this.#logger.warn(`Unused uploads could not be removed: ${(error as Error).message}`);
        })
        .finally(() => {
          if (!this.#isStopped) this.#schedule();
        });
    }, SWEEP_EVERY_MS);
  }
}
