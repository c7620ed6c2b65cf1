import { addMoney } from '../../core/money.js';
import type { LedgerHold } from '../ledger/ledger-record.js';

/** What is held with `more` on top, once for each budget and window. */
export function addHolds(known: readonly LedgerHold[], more: readonly LedgerHold[]): readonly LedgerHold[] {
  if (more.length === 0) return known;
  const sums = [...known];
  for (const hold of more) {
    const index = sums.findIndex((sum) => sum.budgetId === hold.budgetId && sum.periodStart === hold.periodStart);
    const sum = sums[index];
    if (sum) sums[index] = { ...sum, reservedUsd: addMoney(sum.reservedUsd, hold.reservedUsd) };
    else sums.push({ ...hold });
  }
  return sums;
}
