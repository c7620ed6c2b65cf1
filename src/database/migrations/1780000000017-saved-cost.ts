import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What answers would have cost that came from another request. */
export class SavedCost1780000000017 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table usage_request add column saved_usd numeric(20,10)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
