import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stored responses. Each knows the one it goes on from and the first one of its chain, `root_id`, which all that branch off
 * share: they are kept as long as the newest of them. Items and bodies are JSON texts and no `jsonb`, which would refuse what
 * some models write. `response_event` holds the stream of a response in the background, for whoever reads along.
 */
export class Responses1780000000021 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table response (
        id text not null,
        project_id text not null,
        root_id text not null,
        previous_id text,
        conversation_id text,
        status text not null,
        is_background boolean not null,
        is_streamed boolean not null,
        job_id text,
        body text not null,
        request text,
        bytes integer not null default 0,
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        expires_at timestamptz not null,
        constraint response_pkey primary key (id),
        constraint response_project_id_fkey foreign key (project_id) references project (id),
        constraint response_status_check
          check (status in ('queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'))
      )`);
    await queryRunner.query(`
      create table response_item (
        response_id text not null,
        ordinal integer not null,
        project_id text not null,
        id text not null,
        is_output boolean not null,
        content text not null,
        constraint response_item_pkey primary key (response_id, ordinal),
        constraint response_item_response_id_fkey foreign key (response_id) references response (id) on delete cascade
      )`);
    await queryRunner.query(`
      create table response_event (
        response_id text not null,
        sequence integer not null,
        name text not null,
        content text not null,
        constraint response_event_pkey primary key (response_id, sequence),
        constraint response_event_response_id_fkey foreign key (response_id) references response (id) on delete cascade
      )`);
    await queryRunner.query('create index response_project_id_idx on response (project_id)');
    await queryRunner.query('create index response_unfinished_idx on response (project_id) where finished_at is null');
    await queryRunner.query('create index response_root_id_expires_at_idx on response (root_id, expires_at)');
    await queryRunner.query('create index response_expires_at_idx on response (expires_at)');
    await queryRunner.query(
      'create index response_finished_stream_idx on response (finished_at) where is_streamed and finished_at is not null',
    );
    await queryRunner.query('create index response_item_project_id_id_idx on response_item (project_id, id)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
