import { AppError } from '../core/errors/app-error.js';
import { MONEY_DIGITS, toMoney } from '../core/money.js';
import type { BudgetTerms, BudgetWindow } from '../core/principal.js';
import type { ExchangedAccount } from './budget-exchange.store.js';

const WINDOW_NAMES: Readonly<Record<BudgetWindow, string>> = {
  day: 'the day',
  week: 'the week',
  month: 'the month',
  total: 'all time',
};

/** The error for a request that may cost `usd` where a budget has less left. */
export function refuseReservation(terms: BudgetTerms, account: ExchangedAccount, usd: bigint): AppError {
  const { amount, spent } = account.standing;
  const model = terms.model === null ? '' : ` and the model "${terms.model}"`;
  const held = account.reserved === 0n ? '' : `, ${showUsd(account.reserved)} are reserved for requests under way`;
  const anew = account.periodEnd === null ? 'It does not begin anew' : `It begins anew at ${account.periodEnd}`;
  return new AppError(
    'insufficient_quota',
    `The budget of this ${terms.owner} for ${WINDOW_NAMES[terms.window]}${model} does not cover the request, which may cost ` +
      `up to ${showUsd(usd)} USD: of ${showUsd(amount)} USD ${showUsd(spent)} are spent${held}. ${anew}. ` +
      'Ask for a shorter answer or a cheaper model, or have the budget raised.',
    { shouldRetry: false },
  );
}

/** At least two places, without needless zeros behind them. */
function showUsd(usd: bigint): string {
  return toMoney(usd, MONEY_DIGITS).replace(/(\.\d\d\d*?)0+$/, '$1');
}
