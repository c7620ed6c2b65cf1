import type { MigrationInterface, QueryRunner } from 'typeorm';
import { EXCHANGE_FUNCTION } from './budget-functions/exchange.js';
import { RETURN_HOLDS_FUNCTION, SETTLE_FUNCTION, WINDOW_FUNCTION } from './budget-functions/settle.js';

const STATEMENTS = [
  // A budget that was taken away keeps its row and its counters: put back within its window it goes on from there.
  `create table budget (
     id text not null,
     project_id text,
     key_id text,
     budget_window text not null,
     amount_usd numeric(20,10) not null,
     time_zone text not null,
     model text,
     created_at timestamptz not null default now(),
     retired_at timestamptz,
     constraint budget_pkey primary key (id),
     constraint budget_project_id_fkey foreign key (project_id) references project (id) on delete cascade,
     constraint budget_key_id_fkey foreign key (key_id) references api_key (id) on delete cascade,
     constraint budget_owner_check check (num_nonnulls(project_id, key_id) = 1),
     constraint budget_amount_check check (amount_usd >= 0),
     constraint budget_terms_key unique nulls not distinct (key_id, project_id, budget_window, time_zone, model)
   )`,
  `create index budget_project_id_idx on budget (project_id) where project_id is not null`,
  `create table budget_period (
     budget_id text not null,
     period_start timestamptz not null,
     spent_usd numeric(20,10) not null default 0,
     reserved_usd numeric(20,10) not null default 0,
     overage_usd numeric(20,10) not null default 0,
     announced_percent smallint not null default 0,
     no_leases_until timestamptz,
     constraint budget_period_pkey primary key (budget_id, period_start),
     constraint budget_period_budget_id_fkey foreign key (budget_id) references budget (id) on delete cascade,
     constraint budget_period_amounts_check check (spent_usd >= 0 and reserved_usd >= 0 and overage_usd >= 0)
   )`,
  `create index budget_period_period_start_idx on budget_period (period_start)`,
  // Whoever changes a hold locks its row of budget_period before, several of them in the order of their keys.
  `create table budget_hold (
     instance_id text not null,
     budget_id text not null,
     period_start timestamptz not null,
     held_usd numeric(20,10) not null,
     leased_until timestamptz,
     constraint budget_hold_pkey primary key (budget_id, period_start, instance_id),
     constraint budget_hold_held_check check (held_usd >= 0)
   )`,
  `create index budget_hold_instance_id_idx on budget_hold (instance_id)`,
  // The last exchange of every process and its answer, so that one whose answer was lost can be asked for again.
  `create table budget_exchange (
     instance_id text not null,
     sequence bigint not null,
     answer jsonb,
     constraint budget_exchange_pkey primary key (instance_id)
   )`,
  WINDOW_FUNCTION,
  EXCHANGE_FUNCTION,
  SETTLE_FUNCTION,
  RETURN_HOLDS_FUNCTION,
];

/** Budgets, what is spent and reserved of them in each of their windows, and who holds the reservations. */
export class Budgets1780000000009 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
