import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  // What was written before is null or false: no row is rewritten.
  `alter table usage_attempt
    add column offset_ms integer,
    add column first_content_ms integer,
    add column purpose text,
    add column is_aside boolean not null default false`,
  // Few rows are in these, so that most requests are written as fast as before.
  `create index usage_request_failed_idx on usage_request (started_at, id)
    where status in ('failed', 'aborted', 'abandoned')`,
  `create index usage_request_tags_idx on usage_request using gin (tags) where tags <> '{}'`,
];

/** When each attempt began within its request, and why; and indexes for those who look for requests of one sort. */
export class AttemptTimes1780000000025 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
