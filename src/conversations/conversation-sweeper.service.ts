import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RetentionConfig } from '../config/retention-config.js';
import { Housekeeping } from '../core/housekeeping.js';

const SWEEP_EVERY_MS = 600_000;
const MOST_AT_ONCE = 100;

/** Deletes conversations that nothing happened in for long enough, with all that was said in them. */
@Injectable()
export class ConversationSweeper {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: RetentionConfig,
    housekeeping: Housekeeping,
  ) {
    if (config.conversationDays === 0) return;
    housekeeping.add({
      everyMs: SWEEP_EVERY_MS,
      run: () => this.sweep(),
      complaint: 'Old conversations could not be deleted',
    });
  }

  /** Deletes what is over now; one that is being answered stays. */
  async sweep(): Promise<void> {
    for (let deleted = MOST_AT_ONCE; deleted >= MOST_AT_ONCE;) {
      [, deleted] = await this.dataSource.query<[unknown[], number]>(
        `delete from conversation where id in (
           select id from conversation c
            where updated_at < now() - make_interval(days => $1)
              and not exists (select 1 from conversation_turn t where t.conversation_id = c.id and t.status = 'running')
            limit $2 for update skip locked)`,
        [this.config.conversationDays, MOST_AT_ONCE],
      );
    }
  }
}
