import type { BudgetTerms } from '../core/principal.js';
import type { Exchange, ExchangeAccount, ExchangeAnswer, ExchangeAsk } from './budget-exchange.store.js';
import { type Portion, type Taking, tightest } from './lease-pools.js';

/** A request that waits for the database. */
export interface Ask {
  readonly terms: readonly BudgetTerms[];
  readonly accounts: readonly { readonly budgetId: string; readonly periodStart: string | null }[];
  readonly usd: bigint;
  /** Whoever asks knows another way: a refusal is neither counted nor waited for. */
  readonly isTentative: boolean;
  /** When the leases of others were waited for long enough, on the lease clock; null before the first refusal. */
  refuseAt: number | null;
  resolve(taking: Taking): void;
  reject(error: unknown): void;
}

/** The accounts that some requests need, each once, and the requests in their terms. */
export type Batch = Pick<Exchange, 'accounts' | 'asks'>;

/** `wantedLease` says what lease to want of a budget of which so much is asked at once. */
export function toBatch(asks: readonly Ask[], wantedLease: (budgetId: string, usd: bigint) => bigint): Batch {
  const places = new Map<string, number>();
  const found: { budgetId: string; periodStart: string | null; usd: bigint }[] = [];
  const rows = asks.map(({ accounts, usd }) => ({
    usd,
    uses: accounts.map(({ budgetId, periodStart }) => {
      const key = `${budgetId} ${periodStart ?? ''}`;
      const place = places.get(key) ?? found.length;
      const account = (found[place] ??= { budgetId, periodStart, usd: 0n });
      account.usd += usd;
      places.set(key, place);
      return place;
    }),
  }));
  const accounts = found.map(({ budgetId, periodStart, usd }) => ({
    budgetId,
    periodStart,
    // A window that is named may be over.
    lease: periodStart === null ? wantedLease(budgetId, usd) : 0n,
  }));
  return { accounts, asks: rows };
}

/** What a request got that was let in; budgets that are gone give nothing and limit nothing. */
export function takingOf(ask: ExchangeAsk, accounts: readonly ExchangeAccount[], answer: ExchangeAnswer): Taking {
  const portions: Portion[] = [];
  const standings = [];
  for (const place of ask.uses) {
    const account = accounts[place];
    const exchanged = answer.accounts[place];
    if (!account || !exchanged) continue;
    portions.push({ budgetId: account.budgetId, periodStart: exchanged.periodStart, usd: ask.usd });
    standings.push({ ...exchanged.standing, left: exchanged.standing.left + exchanged.lease });
  }
  return { portions, ...tightest(standings) };
}
