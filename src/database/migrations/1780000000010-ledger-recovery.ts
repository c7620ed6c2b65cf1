import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  // Which process a request runs in: when that is dead, others settle what it left open.
  'alter table usage_request add column instance_id text',
  `create index usage_request_instance_id_idx on usage_request (instance_id) where status = 'open'`,
  // For what has been kept long enough.
  'create index usage_request_started_at_idx on usage_request (started_at)',
  `create table usage_charge (
     usage_request_id text not null,
     budget_id text not null,
     period_start timestamptz not null,
     reserved_usd numeric(20,10) not null,
     spent_usd numeric(20,10) not null,
     constraint usage_charge_pkey primary key (usage_request_id, budget_id, period_start),
     constraint usage_charge_usage_request_id_fkey foreign key (usage_request_id) references usage_request (id)
   )`,
  // The sums of charges that were deleted with their requests: with them the counters of budgets can still be proved.
  `create table usage_charge_archive (
     budget_id text not null,
     period_start timestamptz not null,
     spent_usd numeric(20,10) not null,
     constraint usage_charge_archive_pkey primary key (budget_id, period_start)
   )`,
  // One row: from when on the ledger is whole.
  `create table usage_retention (
     singleton boolean not null default true,
     deleted_before timestamptz not null,
     constraint usage_retention_pkey primary key (singleton),
     constraint usage_retention_singleton_check check (singleton)
   )`,
];

/** Requests under way, what requests took from budgets, and what is left of the ledger's oldest part when that is deleted. */
export class LedgerRecovery1780000000010 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
