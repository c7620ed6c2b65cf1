import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { BudgetThreshold } from '../core/domain-events.js';
import type { BudgetWindow } from '../core/principal.js';
import { PERCENT_REACHED } from './thresholds.js';

/** A window of a budget. */
export interface WindowKey {
  readonly budgetId: string;
  /** ISO 8601. */
  readonly periodStart: string;
}

interface ThresholdRow {
  budget_id: string;
  project_id: string;
  key_id: string | null;
  budget_window: BudgetWindow;
  period_start: Date;
  announced_percent: number;
  amount_usd: string;
  spent_usd: string;
}

// Rows are locked in the order of all who lock several; whoever waited for one sees that it was announced.
const announce = (which: string): string => `
with due as (
  select period.budget_id, period.period_start
    from budget_period period join budget on budget.id = period.budget_id
   where budget.retired_at is null and ${which} and period.announced_percent < ${PERCENT_REACHED}
   order by period.budget_id, period.period_start
     for update of period
)
update budget_period period set announced_percent = ${PERCENT_REACHED}
  from due, budget left join api_key on api_key.id = budget.key_id
 where period.budget_id = due.budget_id and period.period_start = due.period_start and budget.id = due.budget_id
returning period.budget_id, coalesce(budget.project_id, api_key.project_id) as project_id, budget.key_id,
          budget.budget_window, period.period_start, period.announced_percent, budget.amount_usd, period.spent_usd`;

const ANNOUNCE_SOME = announce(`(period.budget_id, period.period_start) in (
     select * from json_to_recordset($1::json) as touched("budgetId" text, "periodStart" timestamptz))`);
// A window that began longer ago than this is over, or has none to follow it.
const ANNOUNCE_ALL = announce(`(period.period_start > now() - interval '32 days' or budget.budget_window = 'total')`);

// While the ledger has charges of a window its counters must be there to be compared with.
const DELETE_OLD = `
with gone as (
  delete from budget_period period using budget, usage_retention retention
   where budget.id = period.budget_id and budget.budget_window <> 'total' and period.reserved_usd = 0
     and period.period_start < retention.deleted_before - interval '33 days'
  returning period.budget_id, period.period_start
)
delete from usage_charge_archive archive using gone
 where archive.budget_id = gone.budget_id and archive.period_start = gone.period_start`;

const DELETE_EMPTY_HOLDS = `
delete from budget_hold where held_usd = 0 and period_start < now() - interval '32 days'
   or held_usd = 0 and not exists (select from instance where instance.id = budget_hold.instance_id)`;

const DELETE_EXCHANGES = `
delete from budget_exchange where not exists (select from instance where instance.id = budget_exchange.instance_id)`;

/** What the tables of budgets need beside reserving and settling. */
@Injectable()
export class BudgetUpkeepStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * The thresholds that were reached and nobody has announced: in these windows, or in all that may run. Each is returned once,
   * to one of all processes; of several that were passed at once only the highest.
   */
  async takeThresholds(touched: readonly WindowKey[] | null): Promise<BudgetThreshold[]> {
    const [rows] = await (touched
      ? this.dataSource.query<[ThresholdRow[], number]>(ANNOUNCE_SOME, [JSON.stringify(touched)])
      : this.dataSource.query<[ThresholdRow[], number]>(ANNOUNCE_ALL));
    return rows.map(toThreshold);
  }

  /** Deletes the counters of windows of which the ledger has nothing any more, and the traces of processes that are gone. */
  async deleteOld(): Promise<void> {
    for (const statement of [DELETE_OLD, DELETE_EMPTY_HOLDS, DELETE_EXCHANGES]) await this.dataSource.query(statement);
  }
}

function toThreshold(row: ThresholdRow): BudgetThreshold {
  return {
    budgetId: row.budget_id,
    projectId: row.project_id,
    keyId: row.key_id,
    window: row.budget_window,
    periodStart: row.period_start.toISOString(),
    percent: row.announced_percent,
    amountUsd: row.amount_usd,
    spentUsd: row.spent_usd,
  };
}
