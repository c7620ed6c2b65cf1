import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What providers want back with their tool calls, kept for a few hours; no foreign key, because nothing depends on it. */
export class ProviderState1780000000005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table provider_state (
        project_id text not null,
        call_id text not null,
        state text not null,
        expires_at timestamptz not null,
        constraint provider_state_pkey primary key (project_id, call_id)
      )`);
    await queryRunner.query('create index provider_state_expires_at_idx on provider_state (expires_at)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
