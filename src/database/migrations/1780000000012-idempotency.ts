import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was answered to requests with a key of their own. A row without an answer is a request under way at the instance; its
 * `claim_id` tells whose it is, so that one who was taken for dead stores nothing any more. Nothing in it is readable without
 * the client's key: `name` and `fingerprint` are digests, and the answer is encrypted.
 */
export class Idempotency1780000000012 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table idempotency_record (
        key_id text not null,
        name text not null,
        project_id text not null,
        claim_id text not null,
        instance_id text not null,
        request_id text not null,
        fingerprint text,
        answer bytea,
        answer_bytes bigint not null default 0,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        constraint idempotency_record_pkey primary key (key_id, name)
      )`);
    // What is stored here is encrypted: the database has nothing to compress.
    await queryRunner.query('alter table idempotency_record alter column answer set storage external');
    await queryRunner.query('create index idempotency_record_expires_at_idx on idempotency_record (expires_at)');
    await queryRunner.query('create index idempotency_record_project_id_idx on idempotency_record (project_id)');
    await queryRunner.query(
      'create index idempotency_record_instance_id_idx on idempotency_record (instance_id) where answer is null',
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
