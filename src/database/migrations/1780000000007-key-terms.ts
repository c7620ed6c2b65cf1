import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `alter table project
     add column requests_per_minute integer,
     add column tokens_per_minute integer,
     add column concurrency integer,
     add column deleted_at timestamptz,
     add column erased_at timestamptz`,
  `alter table api_key
     add column models text[],
     add column requests_per_minute integer,
     add column tokens_per_minute integer,
     add column concurrency integer,
     add column rotated_at timestamptz,
     add column old_secret_until timestamptz`,
  `create table retired_secret (
     key_hash bytea not null,
     key_id text not null,
     expires_at timestamptz not null,
     constraint retired_secret_pkey primary key (key_hash),
     constraint retired_secret_key_id_fkey foreign key (key_id) references api_key (id) on delete cascade
   )`,
  `create index retired_secret_key_id_idx on retired_secret (key_id)`,
  `create table audit_entry (
     id text not null,
     created_at timestamptz not null default now(),
     actor text not null,
     address text,
     request_id text,
     action text not null,
     target text not null,
     changes jsonb not null,
     constraint audit_entry_pkey primary key (id)
   )`,
  `create index audit_entry_created_at_idx on audit_entry (created_at, id)`,
  `create index audit_entry_target_idx on audit_entry (target, created_at, id)`,
  `create index audit_entry_actor_idx on audit_entry (actor, created_at, id)`,
];

/** What keys and projects may use, secrets that still work for a while after a rotation, and the audit log. */
export class KeyTerms1780000000007 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
