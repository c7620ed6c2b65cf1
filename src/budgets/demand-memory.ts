import { setBounded } from '../core/set-bounded.js';
import { LEASE_MS } from './budget-exchange.store.js';

const MOST_BUDGETS = 10_000;
/** Whoever asks twice in this time would have had use for a lease. */
const BUSY_WITHIN_MS = 2.5 * LEASE_MS;

/** Remembers which budgets are asked often, and how large a lease would have served them. */
export class DemandMemory {
  readonly #askedAt = new Map<string, number>();

  /**
   * The lease to want with an exchange in which `usd` is asked of the budget, after a lease of which `used` was needed: twice
   * the demand, and nothing where a lease would most likely only be given back.
   */
  wantedLease(budgetId: string, usd: bigint, used: bigint, now: number): bigint {
    const askedAt = this.#askedAt.get(budgetId);
    this.#askedAt.delete(budgetId);
    setBounded(this.#askedAt, budgetId, now, MOST_BUDGETS);
    if (askedAt === undefined || now - askedAt > BUSY_WITHIN_MS) return 0n;
    return used > usd * 4n ? used * 2n : usd * 8n;
  }
}
