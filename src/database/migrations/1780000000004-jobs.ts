import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Background jobs as their owners see them. The queue itself keeps its tables in a schema of its own. */
export class Jobs1780000000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table job (
        id text not null,
        kind text not null,
        project_id text not null,
        key_id text,
        dedupe_key text,
        status text not null default 'queued',
        payload jsonb not null,
        attempt integer not null default 0,
        progress_done integer not null default 0,
        progress_total integer not null default 0,
        result jsonb,
        error_code text,
        error_message text,
        created_at timestamptz not null default now(),
        started_at timestamptz,
        finished_at timestamptz,
        constraint job_pkey primary key (id),
        constraint job_project_id_fkey foreign key (project_id) references project (id),
        constraint job_status_check check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled'))
      )`);
    await queryRunner.query('create index job_project_id_created_at_idx on job (project_id, created_at, id)');
    await queryRunner.query(`
      create unique index job_dedupe_key_idx on job (project_id, kind, dedupe_key)
      where dedupe_key is not null and status in ('queued', 'running')`);
    await queryRunner.query(`create index job_unfinished_idx on job (kind) where status in ('queued', 'running')`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
