import type { BudgetTerms } from '../core/principal.js';

/** A budget and how it stands in the window that runs now, by the database's clock. Money is USD with ten places. */
export interface BudgetStanding extends BudgetTerms {
  readonly spentUsd: string;
  /** For requests under way, and in leases. */
  readonly reservedUsd: string;
  /** Never negative. */
  readonly remainingUsd: string;
  /** When it begins anew; null for a window without an end. */
  readonly resetsAt: Date | null;
}

export interface StandingRow {
  spent_usd: string;
  reserved_usd: string;
  remaining_usd: string;
  ends: Date | null;
}

/** SQL: the columns of a `StandingRow` for `budget`, and what has to be joined to it for them. */
export const STANDING = {
  columns: `coalesce(period.spent_usd, 0)::numeric(20,10) as spent_usd,
       coalesce(period.reserved_usd, 0)::numeric(20,10) as reserved_usd,
       greatest(budget.amount_usd - coalesce(period.spent_usd + period.reserved_usd, 0), 0)::numeric(20,10) as remaining_usd,
       case when isfinite(wndw.ends) then wndw.ends end as ends`,
  joins: `cross join lateral budget_window_at(budget.budget_window, budget.time_zone, now()) as wndw
  left join budget_period period on period.budget_id = budget.id and period.period_start = wndw.starts`,
} as const;

/** The standing of a budget from its row. */
export function toStanding(terms: BudgetTerms, row: StandingRow): BudgetStanding {
  return {
    ...terms,
    spentUsd: row.spent_usd,
    reservedUsd: row.reserved_usd,
    remainingUsd: row.remaining_usd,
    resetsAt: row.ends,
  };
}
