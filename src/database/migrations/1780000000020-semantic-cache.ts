import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  // No entity: TypeORM knows no vectors. No foreign key: a deleted project's rows go with its other traces.
  `create table semantic_cache_entry (
    id bigint generated always as identity primary key,
    project_id text not null,
    scope_hash text not null,
    question_hash text not null,
    facts_hash text not null,
    question text not null,
    embedding vector not null,
    dimensions integer not null,
    answer bytea not null,
    stored_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint semantic_cache_entry_question_key unique (project_id, scope_hash, question_hash)
  )`,
  `create index semantic_cache_entry_facts_idx on semantic_cache_entry (project_id, scope_hash, facts_hash)`,
  `create index semantic_cache_entry_room_idx on semantic_cache_entry (project_id, expires_at desc, id desc)`,
  `create index semantic_cache_entry_expires_at_idx on semantic_cache_entry (expires_at)`,
];

/** Answers by the vectors of their questions. */
export class SemanticCache1780000000020 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
