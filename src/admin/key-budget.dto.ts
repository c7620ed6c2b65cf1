import { IsIn, IsNumber, IsOptional, IsString, Length } from 'class-validator';
import type { BudgetStanding } from '../budgets/budget-standing.js';
import type { WantedBudget } from '../budgets/check-budgets.js';
import { BUDGET_WINDOWS, type BudgetWindow } from '../core/principal.js';

/** What may be spent in a window. */
export class BudgetDto {
  /**
   * Windows begin at midnight of the time zone, weeks on Monday; `total` never begins anew.
   * @example "month"
   */
  @IsIn(BUDGET_WINDOWS)
  window!: BudgetWindow;

  /**
   * USD, with at most ten decimal places.
   * @example 25
   */
  @IsNumber()
  amount_usd!: number;

  /**
   * An IANA name; UTC when absent.
   * @example "Europe/Berlin"
   */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  time_zone?: string | null;

  /**
   * The only model that counts, by a name or a pattern as in `models`; all when absent.
   * @example "openai/*"
   */
  @IsOptional()
  @IsString()
  @Length(1, 300)
  model?: string | null;
}

/** A budget that holds. */
export class ShownBudgetDto {
  id!: string;
  /** When the sum begins anew; `total` never does. */
  window!: BudgetWindow;
  /** USD. */
  amount_usd!: number;
  /** Whose midnight begins a window. */
  time_zone!: string;
  /** The only model that counts, by name or pattern; null counts all. */
  model!: string | null;
  /** USD, in the window that runs now. */
  spent_usd!: number;
  /** USD: for requests under way, and what processes have set aside to answer faster. */
  reserved_usd!: number;
  /** USD that is neither spent nor reserved; never below zero. */
  remaining_usd!: number;
  /** When the window begins anew (RFC 3339); null for `total`. */
  resets_at!: string | null;
}

/** What a body says about budgets: absent stays absent, null stays null. */
export function toWantedBudgets(dtos: BudgetDto[] | null | undefined): WantedBudget[] | null | undefined {
  if (!dtos) return dtos;
  return dtos.map((dto) => ({
    window: dto.window,
    amountUsd: dto.amount_usd,
    timeZone: dto.time_zone,
    model: dto.model,
  }));
}

/** Shows a budget to administrators. */
export function toShownBudget(terms: BudgetStanding): ShownBudgetDto {
  return {
    id: terms.id,
    window: terms.window,
    amount_usd: Number(terms.amountUsd),
    time_zone: terms.timeZone,
    model: terms.model,
    spent_usd: Number(terms.spentUsd),
    reserved_usd: Number(terms.reservedUsd),
    remaining_usd: Number(terms.remainingUsd),
    resets_at: terms.resetsAt?.toISOString() ?? null,
  };
}
