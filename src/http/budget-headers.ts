import type { BudgetStatus } from '../core/budget-status.js';
import type { Headers } from './answer-head.js';

/** Sets what is left of the tightest budget, and a warning once a good part of one is spent. */
export function setBudgetHeaders(headers: Headers, { remainingUsd, percentSpent }: BudgetStatus): void {
  if (remainingUsd !== null) headers.setHeader('x-trunkline-budget-remaining-usd', remainingUsd);
  if (percentSpent > 0) headers.setHeader('x-trunkline-budget-spent-percent', String(percentSpent));
}
