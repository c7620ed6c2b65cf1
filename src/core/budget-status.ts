/** How the budgets of a call stood when money was reserved for it. */
export interface BudgetStatus {
  /** What is left of the one that has least, the reservation taken off: USD as a decimal string; null when none has a bound. */
  readonly remainingUsd: string | null;
  /** The highest threshold, in percent, that what was spent of any of them has reached; 0 when none. */
  readonly percentSpent: number;
}
