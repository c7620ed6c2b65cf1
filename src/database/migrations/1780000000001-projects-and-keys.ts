import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Projects with the default one in place, and their API keys. */
export class ProjectsAndKeys1780000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table project (
        id text not null,
        name text not null,
        created_at timestamptz not null default now(),
        disabled_at timestamptz,
        constraint project_pkey primary key (id)
      )`);
    await queryRunner.query(`create index project_created_at_idx on project (created_at, id)`);
    await queryRunner.query(`insert into project (id, name) values ('proj_default', 'default')`);
    await queryRunner.query(`
      create table api_key (
        id text not null,
        project_id text not null,
        name text not null,
        key_hash bytea not null,
        scopes text[] not null,
        origin text not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        revoked_at timestamptz,
        constraint api_key_pkey primary key (id),
        constraint api_key_key_hash_key unique (key_hash),
        constraint api_key_project_id_fkey foreign key (project_id) references project (id)
      )`);
    await queryRunner.query(`create index api_key_created_at_idx on api_key (created_at, id)`);
    await queryRunner.query(`create index api_key_project_id_idx on api_key (project_id)`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
