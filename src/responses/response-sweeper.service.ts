import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ProjectErasure } from '../auth/project-erasure.service.js';
import { Housekeeping } from '../core/housekeeping.js';

const SWEEP_EVERY_MS = 600_000;
const MOST_AT_ONCE = 500;
/** Who reads along with a response may come back to it for so long after its end. */
const EVENTS_KEPT_SECONDS = 3_600;

/** Deletes responses whose time is over, with the events of those that ended, and all of deleted projects. */
@Injectable()
export class ResponseSweeper implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly erasure: ProjectErasure,
    housekeeping: Housekeeping,
  ) {
    housekeeping.add({
      everyMs: SWEEP_EVERY_MS,
      run: () => this.sweep(),
      complaint: 'Old responses could not be deleted',
    });
  }

  onModuleInit(): void {
    this.erasure.register(async (manager, projectId) => {
      await manager.query('delete from response where project_id = $1', [projectId]);
    });
  }

  /** A chain goes as a whole, when the time of its newest response is over. */
  async sweep(): Promise<void> {
    await this.dataSource.query(
      `delete from response_event where response_id in (
         select id from response where is_streamed and finished_at < now() - make_interval(secs => $1))`,
      [EVENTS_KEPT_SECONDS],
    );
    let deleted = MOST_AT_ONCE;
    while (deleted >= MOST_AT_ONCE) {
      [, deleted] = await this.dataSource.query<[unknown[], number]>(
        `delete from response where id in (
           select old.id from response old where old.expires_at <= now() and not exists (
             select 1 from response other where other.root_id = old.root_id
               and (other.expires_at > now() or other.finished_at is null))
           limit $1)`,
        [MOST_AT_ONCE],
      );
    }
  }
}
