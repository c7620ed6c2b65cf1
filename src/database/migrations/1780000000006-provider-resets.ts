import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What administrators ask every process to do about a provider: a process that sees a new revision does it. */
export class ProviderResets1780000000006 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table provider_reset (
        provider text not null,
        revision bigint not null default 1,
        at timestamptz not null default now(),
        constraint provider_reset_pkey primary key (provider)
      )`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
