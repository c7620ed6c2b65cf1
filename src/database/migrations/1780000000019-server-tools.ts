import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * HTTP tools that administrators made; one without a project is there for all of them, and a project's own comes first. The
 * headers are encrypted, because they hold secrets; only their names can be read.
 */
export class ServerTools1780000000019 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table server_tool (
        id text not null,
        project_id text,
        name text not null,
        description text not null,
        parameters jsonb not null,
        url text not null,
        method text not null,
        arguments_in text not null,
        header_names text[] not null default '{}',
        sealed_headers bytea,
        timeout_ms integer not null,
        max_response_bytes integer not null,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint server_tool_pkey primary key (id),
        constraint server_tool_project_id_fkey foreign key (project_id) references project (id)
      )`);
    await queryRunner.query('create unique index server_tool_name_idx on server_tool (name) where project_id is null');
    await queryRunner.query(
      'create unique index server_tool_project_id_name_idx on server_tool (project_id, name) where project_id is not null',
    );
    await queryRunner.query('create index server_tool_created_at_idx on server_tool (created_at, id)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
