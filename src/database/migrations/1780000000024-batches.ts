import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  // The bytes of what was uploaded stand in parts; those of a batch's output are the results of its lines.
  `create table file (
    id text not null,
    project_id text not null,
    name text not null,
    purpose text not null,
    bytes bigint not null default 0,
    is_whole boolean not null default false,
    batch_id text,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    constraint file_pkey primary key (id),
    constraint file_project_id_fkey foreign key (project_id) references project (id)
  )`,
  `create index file_project_id_created_at_idx on file (project_id, created_at, id)`,
  `create index file_expires_at_idx on file (expires_at) where expires_at is not null`,
  `create index file_unfinished_idx on file (created_at) where not is_whole`,
  `create index file_batch_id_idx on file (batch_id) where batch_id is not null`,
  `create table file_part (
    file_id text not null references file (id) on delete cascade,
    ordinal integer not null,
    bytes bytea not null,
    constraint file_part_pkey primary key (file_id, ordinal)
  )`,
  // Compressing costs more time than the space is worth: most files are read once and deleted.
  `alter table file_part alter column bytes set storage external`,
  `create table batch (
    id text not null,
    project_id text not null,
    key_id text,
    job_id text,
    webhook_id text,
    endpoint text not null,
    input_file_id text,
    completion_window text not null,
    output_kept_seconds integer,
    status text not null,
    errors jsonb,
    metadata jsonb,
    tags text[] not null default '{}',
    total integer not null default 0,
    completed integer not null default 0,
    failed integer not null default 0,
    done_at_renewal integer not null default 0,
    input_tokens bigint not null default 0,
    cached_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_usd numeric not null default 0,
    input_bytes bigint not null default 0,
    output_bytes bigint not null default 0,
    error_bytes bigint not null default 0,
    output_file_id text,
    error_file_id text,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    in_progress_at timestamptz,
    finished_at timestamptz,
    constraint batch_pkey primary key (id),
    constraint batch_project_id_fkey foreign key (project_id) references project (id),
    constraint batch_status_check check (status in
      ('validating', 'in_progress', 'finalizing', 'completed', 'failed', 'expired', 'cancelling', 'cancelled'))
  )`,
  `create index batch_project_id_created_at_idx on batch (project_id, created_at, id)`,
  `create index batch_unfinished_idx on batch (input_file_id) where finished_at is null`,
  `create index batch_finished_at_idx on batch (finished_at) where finished_at is not null`,
  `alter table file add constraint file_batch_id_fkey foreign key (batch_id) references batch (id) on delete cascade`,
  // Texts and no jsonb: what a model wrote is kept as it came. A line has its body until it has its result.
  `create table batch_line (
    batch_id text not null references batch (id) on delete cascade,
    ordinal integer not null,
    custom_id text not null,
    url text not null,
    status text not null default 'queued',
    tries integer not null default 0,
    body text,
    result text,
    constraint batch_line_pkey primary key (batch_id, ordinal),
    constraint batch_line_custom_id_key unique (batch_id, custom_id),
    constraint batch_line_status_check check (status in ('queued', 'running', 'succeeded', 'failed'))
  )`,
  `create index batch_line_open_idx on batch_line (batch_id, status, ordinal) where status in ('queued', 'running')`,
];

/** Files, and batches of requests with a row for each line. */
export class Batches1780000000024 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
