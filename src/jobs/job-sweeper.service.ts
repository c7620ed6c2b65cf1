import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RetentionConfig } from '../config/retention-config.js';
import { Housekeeping } from '../core/housekeeping.js';

const SWEEP_EVERY_MS = 600_000;
const MOST_AT_ONCE = 500;

/** Forgets jobs that ended long enough ago. */
@Injectable()
export class JobSweeper {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: RetentionConfig,
    housekeeping: Housekeeping,
  ) {
    housekeeping.add({
      everyMs: SWEEP_EVERY_MS,
      run: () => this.sweep(),
      complaint: 'Old jobs could not be deleted',
    });
  }

  /** Deletes what is over now. */
  async sweep(): Promise<void> {
    for (let deleted = MOST_AT_ONCE; deleted >= MOST_AT_ONCE;) {
      [, deleted] = await this.dataSource.query<[unknown[], number]>(
        `delete from job where id in (
           select id from job where finished_at < now() - make_interval(days => $1) limit $2 for update skip locked)`,
        [this.config.jobDays, MOST_AT_ONCE],
      );
    }
  }
}
