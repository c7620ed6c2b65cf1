import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  // Until a version is made for it an upload belongs to its project only; with the version it goes.
  `create table upload (
    id text not null,
    project_id text not null,
    file_name text not null,
    format text not null,
    size_bytes integer not null default 0,
    content_hash text,
    document_id text,
    version integer,
    created_at timestamptz not null default now(),
    constraint upload_pkey primary key (id),
    constraint upload_project_id_fkey foreign key (project_id) references project (id),
    constraint upload_version_fkey foreign key (project_id, document_id, version)
      references document_version (project_id, document_id, version) on delete cascade
  )`,
  `create unique index upload_version_idx on upload (project_id, document_id, version)`,
  `create index upload_unused_idx on upload (created_at) where document_id is null`,
  `create table upload_piece (
    upload_id text not null references upload (id) on delete cascade,
    ordinal integer not null,
    bytes bytea not null,
    primary key (upload_id, ordinal)
  )`,
  // Most files are compressed already, and the others are read once.
  `alter table upload_piece alter column bytes set storage external`,
  `alter table document_version
    add column format text not null default 'text',
    add column pages jsonb`,
];

/** Files as they were sent, in pieces, until their text is extracted. */
export class Uploads1780000000013 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
