import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ProjectErasure } from '../../auth/project-erasure.service.js';
import { Housekeeping } from '../../core/housekeeping.js';

const SWEEP_EVERY_MS = 15 * 60_000;
// Far longer than any request may take to arrive.
const UNUSED_AFTER_SECONDS = 3_600;

/** Removes files that no document came of, because the process that received them ended, and those of deleted projects. */
@Injectable()
export class UploadSweeper implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly erasure: ProjectErasure,
    housekeeping: Housekeeping,
  ) {
    housekeeping.add({
      everyMs: SWEEP_EVERY_MS,
      run: () => this.sweep(),
      complaint: 'Unused uploads could not be removed',
    });
  }

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query(`delete from upload where project_id = $1`, [projectId]);
    });
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
