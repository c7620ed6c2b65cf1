import { addMoney, NO_MONEY } from '../../core/money.js';
import { matchesModel } from '../../core/model-patterns.js';
import type { AttemptRecord, BudgetCharge } from '../ledger/ledger-record.js';
import type { Admission } from './admission.js';
import { nameOf } from './candidates.js';

/** A request of a call and the attempts that served it. */
interface ServedAdmission {
  readonly admission: Pick<Admission, 'ask' | 'grant'>;
  readonly attempts: readonly Pick<AttemptRecord, 'provider' | 'model' | 'costUsd'>[];
}

/**
 * What a call takes from each budget's window: all that was reserved there goes back, and the attempts are spent whose model,
 * as it was asked for or as it was sent to, the budget counts. One charge for each budget and window.
 */
export function chargeBudgets(served: readonly ServedAdmission[]): BudgetCharge[] {
  const charges = new Map<string, BudgetCharge>();
  for (const { admission, attempts } of served) {
    const { grant, ask } = admission;
    for (const { budgetId, periodStart, reservedUsd } of grant.reservation?.holds ?? []) {
      const counted = ask.terms.find(({ id }) => id === budgetId)?.model ?? null;
      const costs = attempts
        .filter((attempt) => counted === null || matchesModel([counted], [ask.model, nameOf(attempt)]))
        .map(({ costUsd }) => costUsd);
      // A price that was lost on the way is no reason to spend nothing.
      const spentUsd = costs.reduce<string>((sum, costUsd) => addMoney(sum, costUsd ?? reservedUsd), NO_MONEY);
      const key = `${budgetId}\n${periodStart}`;
      const known = charges.get(key);
      charges.set(key, {
        budgetId,
        periodStart,
        reservedUsd: known ? addMoney(known.reservedUsd, reservedUsd) : reservedUsd,
        spentUsd: known ? addMoney(known.spentUsd, spentUsd) : spentUsd,
      });
    }
  }
  return [...charges.values()];
}
