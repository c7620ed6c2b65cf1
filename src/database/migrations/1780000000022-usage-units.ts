import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = [
  'image_output_tokens',
  'images',
  'audio_input_seconds',
  'audio_output_seconds',
  'characters',
  'searches',
].map((name) => `add column ${name} bigint not null default 0`);

/** What is billed by other units than tokens, and the tokens of images that were made. */
export class UsageUnits1780000000022 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['usage_request', 'usage_attempt', 'usage_rollup']) {
      await queryRunner.query(`alter table ${table} ${COLUMNS.join(', ')}`);
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
