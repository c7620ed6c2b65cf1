import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The extensions, and the processes that run on this database. */
export class Foundation1780000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // In `public`, because several schemas of one database may hold a Trunkline each, and an extension exists once.
    await queryRunner.query('create extension if not exists vector schema public');
    await queryRunner.query('create extension if not exists pg_trgm schema public');
    await queryRunner.query(`
      create table instance (
        id text not null,
        started_at timestamptz not null default now(),
        heartbeat_at timestamptz not null default now(),
        constraint instance_pkey primary key (id)
      )`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
