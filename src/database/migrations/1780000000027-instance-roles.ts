import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which processes run jobs, so that those that only enqueue them know whether there is anybody. */
export class InstanceRoles1780000000027 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table instance add column runs_jobs boolean not null default true');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
