import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { InvalidRequestError } from '../core/errors/app-error.js';
import { newId } from '../core/ids.js';
import type { BudgetTerms, BudgetWindow } from '../core/principal.js';
import { type BudgetStanding, STANDING, type StandingRow, toStanding } from './budget-standing.js';
import { type CheckedBudget, checkBudgets, type WantedBudget } from './check-budgets.js';
import { PERCENT_REACHED } from './thresholds.js';

/** Whose budgets. */
export interface BudgetOwner {
  readonly kind: 'key' | 'project';
  readonly id: string;
}

interface TermsRow {
  id: string;
  owner: BudgetOwner['kind'];
  owner_id: string;
  budget_window: BudgetWindow;
  amount_usd: string;
  time_zone: string;
  model: string | null;
}

const OWNER_COLUMN = { key: 'key_id', project: 'project_id' } as const;

const INVALID_PARAMETER_VALUE = '22023';

const find = (columns: string, joins: string): string => `
select budget.id, case when key_id is null then 'project' else 'key' end as owner,
       coalesce(key_id, project_id) as owner_id, budget_window, amount_usd, time_zone, model${columns}
  from budget ${joins}
 where retired_at is null and (key_id = any($1) or project_id = any($2))
 order by array_position(array['day', 'week', 'month', 'total'], budget_window), model nulls first, time_zone, budget.id`;

const FIND = find('', '');
const FIND_STANDINGS = find(`, ${STANDING.columns}`, STANDING.joins);

/** The budgets of keys and projects as they are defined; what is spent of them is kept elsewhere. */
@Injectable()
export class BudgetTermsStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The budgets by the id of their owner, the shortest windows first; nothing for owners without any. */
  async of(owners: readonly BudgetOwner[], manager = this.dataSource.manager): Promise<Map<string, BudgetTerms[]>> {
    return groupByOwner(await manager.query<TermsRow[]>(FIND, toParameters(owners)), toTerms);
  }

  /** As `of`, each with what is spent and reserved of it. */
  async standings(owners: readonly BudgetOwner[]): Promise<Map<string, BudgetStanding[]>> {
    const rows = await this.dataSource.query<(TermsRow & StandingRow)[]>(FIND_STANDINGS, toParameters(owners));
    return groupByOwner(rows, (row) => toStanding(toTerms(row), row));
  }

  /**
   * Budgets that can be kept, checked also against the database's list of time zones. Throws `invalid_value` or
   * `array_too_long` with the path below `path` of what is wrong. Call it outside of any transaction.
   */
  async check(wanted: readonly WantedBudget[], path = 'budgets'): Promise<CheckedBudget[]> {
    const checked = checkBudgets(wanted, path);
    for (const [index, { timeZone }] of checked.entries()) {
      if (timeZone === 'UTC' || (await this.#isTimeZone(timeZone))) continue;
      const param = `${path}[${String(index)}].time_zone`;
      throw new InvalidRequestError('invalid_value', `\`${param}\` is a time zone that the database does not know.`, {
        param,
      });
    }
    return checked;
  }

  /**
   * Makes these the owner's budgets, in the caller's transaction. A budget is known by its owner, window, time zone and model:
   * another amount leaves what was spent as it is, and so does taking it away and putting it back.
   */
  async replace(manager: EntityManager, owner: BudgetOwner, budgets: readonly CheckedBudget[]): Promise<void> {
    const column = OWNER_COLUMN[owner.kind];
    const rows = budgets.map((budget) => ({ id: newId('bud_'), ...budget }));
    await manager.query(`update budget set retired_at = now() where ${column} = $1 and retired_at is null`, [owner.id]);
    await manager.query(
      `insert into budget (id, ${column}, budget_window, amount_usd, time_zone, model)
       select id, $1, "window", "amountUsd", "timeZone", model
         from json_to_recordset($2::json)
              as row(id text, "window" text, "amountUsd" numeric, "timeZone" text, model text)
       on conflict (key_id, project_id, budget_window, time_zone, model)
         do update set amount_usd = excluded.amount_usd, retired_at = null`,
      [owner.id, JSON.stringify(rows)],
    );
    // Of a raised amount less is reached, and it is news when it is reached again.
    await manager.query(
      `update budget_period period set announced_percent = ${PERCENT_REACHED}
         from budget
        where budget.id = period.budget_id and budget.${column} = $1 and budget.retired_at is null
          and period.announced_percent > ${PERCENT_REACHED}`,
      [owner.id],
    );
  }

  async #isTimeZone(name: string): Promise<boolean> {
    try {
      await this.dataSource.query('select now() at time zone $1', [name]);
      return true;
    } catch (error) {
      if (!isUnknownZone(error)) throw error;
      return false;
    }
  }
}

function isUnknownZone(error: unknown): boolean {
  return (
    error instanceof QueryFailedError && (error.driverError as { code?: unknown }).code === INVALID_PARAMETER_VALUE
  );
}

function toParameters(owners: readonly BudgetOwner[]): [keyIds: string[], projectIds: string[]] {
  const idsOf = (kind: BudgetOwner['kind']): string[] =>
    owners.filter((owner) => owner.kind === kind).map(({ id }) => id);
  return [idsOf('key'), idsOf('project')];
}

function groupByOwner<Row extends TermsRow, Budget>(
  rows: readonly Row[],
  toBudget: (row: Row) => Budget,
): Map<string, Budget[]> {
  const groups = Map.groupBy(rows, (row) => row.owner_id);
  return new Map([...groups].map(([ownerId, group]) => [ownerId, group.map(toBudget)]));
}

function toTerms(row: TermsRow): BudgetTerms {
  return {
    id: row.id,
    owner: row.owner,
    window: row.budget_window,
    amountUsd: row.amount_usd,
    timeZone: row.time_zone,
    model: row.model,
  };
}
