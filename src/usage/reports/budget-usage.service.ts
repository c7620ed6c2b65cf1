import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { BudgetWindow } from '../../core/principal.js';

/** How much of a budget is used in its present window. Amounts are USD with ten places. */
export interface BudgetUsage {
  readonly id: string;
  readonly owner: 'key' | 'project';
  readonly window: BudgetWindow;
  readonly timeZone: string;
  readonly model: string | null;
  readonly amountUsd: string;
  readonly spentUsd: string;
  /** For requests under way, and what processes have set aside to answer faster. */
  readonly reservedUsd: string;
  /** Never below zero. */
  readonly remainingUsd: string;
  /** Null for the window that never begins anew. */
  readonly resetsAt: Date | null;
}

const PRESENT_WINDOWS = `
  select b.id, case when b.key_id is null then 'project' else 'key' end as owner, b.budget_window as "window",
    b.time_zone as "timeZone", b.model, b.amount_usd::text as "amountUsd",
    coalesce(p.spent_usd, 0)::numeric(20,10)::text as "spentUsd",
    coalesce(p.reserved_usd, 0)::numeric(20,10)::text as "reservedUsd",
    greatest(b.amount_usd - coalesce(p.spent_usd, 0) - coalesce(p.reserved_usd, 0), 0)::numeric(20,10)::text as "remainingUsd",
    case when isfinite(w.ends) then w.ends end as "resetsAt"
  from budget b
  cross join lateral budget_window_at(b.budget_window, b.time_zone, now()) w
  left join budget_period p on p.budget_id = b.id and p.period_start = w.starts
  where b.retired_at is null and (b.key_id = $1 or b.project_id = $2)
  order by owner, array_position(array['day', 'week', 'month', 'total'], b.budget_window), b.id`;

/** What is left of budgets. */
@Injectable()
export class BudgetUsages {
  constructor(private readonly dataSource: DataSource) {}

  /** The budgets of a key, then those of its project, by the database's clock. */
  of(keyId: string, projectId: string): Promise<BudgetUsage[]> {
    return this.dataSource.query<BudgetUsage[]>(PRESENT_WINDOWS, [keyId, projectId]);
  }
}
