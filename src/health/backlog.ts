import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Backlog } from '../core/telemetry/metric-sources.js';
import { DatabaseConnection } from '../database/database-connection.js';

interface BacklogRow {
  jobs: Record<string, number>;
  webhooks: { pending: number; oldest: number; overdue: number };
  batches: Record<string, number>;
}

// All of it in one statement, by indexes of what is not over.
const QUESTION = (schema: string): string => `select
  (select coalesce(json_object_agg(name, seconds), '{}') from (
    select name, extract(epoch from max(now() - start_after))::float8 as seconds
    from "${schema}_jobs".job where state < 'active' and start_after <= now() group by name) due) as jobs,
  (select json_build_object(
    'pending', count(*),
    'oldest', coalesce(extract(epoch from max(now() - d.created_at)), 0)::float8,
    'overdue', coalesce(extract(epoch from max(now() - d.next_attempt_at) filter (
      where d.next_attempt_at <= now() and (d.claimed_until is null or d.claimed_until <= now()))), 0)::float8)
    from webhook_delivery d join webhook w on w.id = d.webhook_id
    where d.status = 'pending' and w.status = 'enabled') as webhooks,
  (select coalesce(json_object_agg(status, count), '{}') from (
    select status, count(*) from (
      select status from batch where finished_at is null
      union all select status from batch where finished_at > now() - interval '1 day') known
    group by status) counted) as batches`;

/** What waits in the database to be worked on. */
@Injectable()
export class BacklogReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: DatabaseConnection,
  ) {}

  /** Rejects while the database is away. */
  async read(): Promise<Backlog> {
    const [row] = await this.dataSource.query<BacklogRow[]>(QUESTION(this.connection.schema));
    if (!row) throw new Error('The database said nothing.');
    const { pending, oldest, overdue } = row.webhooks;
    return {
      oldestJobSeconds: row.jobs,
      webhooks: { pending, oldestSeconds: oldest, overdueSeconds: overdue },
      batches: row.batches,
    };
  }
}
