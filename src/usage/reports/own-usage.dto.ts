import type { BudgetStanding } from '../../budgets/budget-standing.js';
import { type UsageReportDto } from './usage-report.dto.js';

/** A budget and how much of it is used in its present window. */
export class BudgetUsageDto {
  /** Whose budget it is. */
  owner!: 'key' | 'project';
  window!: 'day' | 'week' | 'month' | 'total';
  /** Whose midnight begins the window. */
  time_zone!: string;
  /** The only model, or pattern of models, that it counts; null when it counts all. */
  model!: string | null;
  cap_usd!: number;
  /** What requests that are over cost. */
  spent_usd!: number;
  /** What is set aside for requests under way. */
  reserved_usd!: number;
  /** What new requests may still cost. */
  remaining_usd!: number;
  /** When it begins anew (RFC 3339); null when it never does. */
  resets_at!: string | null;
}

/** The budgets of a key and its project, and what the project used. */
export class OwnUsageDto {
  /** Always `usage`. */
  object!: 'usage';
  key_id!: string;
  project_id!: string;
  /** The budgets of the key, then those of its project; empty when there are none. */
  data!: BudgetUsageDto[];
  /** What the project used. */
  report!: UsageReportDto;
}

/** A budget's use in the form of the API. */
export function toBudgetUsageDto(standing: BudgetStanding): BudgetUsageDto {
  return {
    owner: standing.owner,
    window: standing.window,
    time_zone: standing.timeZone,
    model: standing.model,
    cap_usd: Number(standing.amountUsd),
    spent_usd: Number(standing.spentUsd),
    reserved_usd: Number(standing.reservedUsd),
    remaining_usd: Number(standing.remainingUsd),
    resets_at: standing.resetsAt?.toISOString() ?? null,
  };
}
