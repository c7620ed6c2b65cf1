import { setBounded } from '../core/set-bounded.js';
import type { BudgetTerms } from '../core/principal.js';

/** More requests than ever wait at the same time for the same budget: so many of them may hold too much, and none is refused. */
const PLENTY = 1_000n;
/** A budget that had plenty may be short after this long, because other processes spend from it too. */
const KNOWN_FOR_MS = 10_000;
const MOST_BUDGETS = 10_000;

interface Known {
  readonly left: bigint;
  readonly at: number;
}

/** What was left of budgets when the database was last asked. */
export class KnownStandings {
  readonly #standings = new Map<string, Known>();

  note(budgetId: string, left: bigint, now: number): void {
    this.#standings.delete(budgetId);
    setBounded(this.#standings, budgetId, { left, at: now }, MOST_BUDGETS);
  }

  /** Whether each of the budgets has plenty of `usd` left; null while that of one of them is not known. */
  havePlenty(terms: readonly Pick<BudgetTerms, 'id'>[], usd: bigint, now: number): boolean | null {
    let isPlenty = true;
    for (const { id } of terms) {
      const known = this.#standings.get(id);
      if (!known || known.at + KNOWN_FOR_MS < now) return null;
      if (known.left < usd * PLENTY) isPlenty = false;
    }
    return isPlenty;
  }
}
